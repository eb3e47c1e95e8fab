"""Asking every gate."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, Result, unsettled
from migrator.cutover.registry import gates
from migrator.errors import Exit


def verify(evidence: Evidence) -> tuple[Result, ...]:
    """Every gate with its answer, in the order of the ids."""
    return tuple(Result(gate.id, gate.title, gate.answered_by, _answer(gate, evidence)) for gate in gates())


def status(results: tuple[Result, ...]) -> Exit:
    """No if a gate is unmet, undecided if one is open, else yes."""
    states = {result.answer.state for result in results}
    return Exit.NO if "unmet" in states else Exit.UNDECIDED if "open" in states else Exit.YES


def _answer(gate: Gate, evidence: Evidence) -> Answer:
    found = gate.check(evidence) if gate.check else unsettled("an attestation")
    if found.state != "open":
        return found
    said = evidence.attestations.of(gate.id)
    if gate.answered_by == "machine" or not said:
        return found
    return Answer("attested", tuple(f"{a.by}, {a.when}: {a.note}" for a in said) + found.evidence)
