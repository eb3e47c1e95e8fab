"""G15: side by side, the new system was not worse."""

from __future__ import annotations

from typing import Any

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, unmet, unsettled

_NEEDS = "--experiment FILE, from `migrate shadow report`, or an attestation"


def check(evidence: Evidence) -> Answer:
    """Unmet by an experiment that ended against the target or lost count, open without one."""
    about = {
        file: report for file, report in evidence.experiments.items() if any(a["system"] == evidence.lock.target for a in report["arms"])
    }
    if not about:
        return unsettled(_NEEDS, *(f"{file} is not about {evidence.target.title}" for file in evidence.experiments))
    against = [f"{file}: {report['headline']}" for file, report in about.items() if report["answer"] in ("inferior", "invalid")]
    against += [
        f"{file}: {arm['title']}: not every job is accounted for: {arm['conservation']}"
        for file, report in about.items()
        for arm in report["arms"]
        if not arm["holds"] or _lost(arm)
    ]
    if against:
        return unmet(*against)
    undecided = [f"{file}: {report['headline']}" for file, report in about.items() if report["answer"] != "not-inferior"]
    return unsettled(_NEEDS, *undecided) if undecided else met(*(f"{file}: {report['headline']}" for file, report in about.items()))


def _lost(arm: dict[str, Any]) -> bool:
    return bool(arm["classes"]["presumed_lost"])


GATE = Gate(
    id="G15",
    title="Side by side, the new system was not worse",
    asks="Did an experiment on the same traffic end `not-inferior`, with every job accounted for?",
    how="Verdict and conservation of the reports that are given with --experiment.",
    answered_by="either",
    check=check,
)
