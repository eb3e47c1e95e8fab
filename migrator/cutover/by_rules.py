"""Gates that stand and fall with rules of the audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, met, nothing, unmet, unsettled
from migrator.jobs.findings import Check, Finding


def rules_pass(*rules: str) -> Callable[[Evidence], Answer]:
    """A check that is met if none of these rules finds anything of the target system, or of no system in particular."""

    def check(evidence: Evidence) -> Answer:
        return by_rules(evidence, rules)

    return check


def by_rules(evidence: Evidence, rules: Sequence[str]) -> Answer:
    """What these rules say of the target system: a finding is `unmet`, a rule that could not be decided somewhere leaves the gate open."""
    found = [f for f in evidence.findings(rules) if not f.systems or evidence.lock.target in f.systems]
    if found:
        return unmet(*map(told, found))
    looked = {check.id: check for check in evidence.inventory.checks if check.id in rules}
    doubts = [f"{c.id} {c.name}: {c.reason}" for c in looked.values() if c.reason]
    if doubts:
        return unsettled("a look by a person at what could not be decided, and an attestation", *doubts)
    held = [_held(check) for check in looked.values()]
    return met(*held) if any(c.state in ("pass", "fail") for c in looked.values()) else nothing(*held)


def _held(check: Check) -> str:
    """Why a rule does not stand in the way, in a line."""
    if check.state == "not-applicable":
        return f"{check.id} {check.name}: nothing that it is about is there"
    if check.state == "fail":
        return f"{check.id} {check.name}: finds nothing of this system"
    shown = f": {check.evidence[0].what} ({check.evidence[0].path}:{check.evidence[0].line})" if check.evidence else ""
    return f"{check.id} {check.name}: passed{shown}"


def told(finding: Finding) -> str:
    """A finding in a line."""
    return f"{finding.path}:{finding.line}: {finding.id} {finding.name}: {finding.message}"
