"""G01: no job was forgotten on the way."""

from __future__ import annotations

from migrator.cutover.becoming import Fate
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, nothing, unmet

_WORDS = {
    "both": "has moved, and is still on the old system as well",
    "stayed": "is still on the old system",
    "gone": "is on neither system, and nobody said that it was dropped (`migrate attest G01 --job NAME --note WHY`)",
}


def check(evidence: Evidence) -> Answer:
    """Unmet while a job of the lock has not arrived and was not dropped by somebody's word."""
    if not evidence.fates:
        return nothing("the lock has no job definition")
    left = [fate for fate in evidence.fates if fate.state in _WORDS]
    if left:
        return unmet(*(f"{fate.job.name} (was {fate.job.path}:{fate.job.line}) {_WORDS[fate.state]}" for fate in left))
    return met(*map(_fine, evidence.fates))


def _fine(fate: Fate) -> str:
    if fate.now is None:
        return f"{fate.job.name} was dropped: {fate.said}"
    return f"{fate.job.name} is {fate.now.location.place}" + (f" ({fate.said})" if fate.said else "")


GATE = Gate(
    id="G01",
    title="Every job has moved",
    asks="Does every job of the lock run on the target system, or was it dropped by somebody who says so?",
    how="Jobs of the lock against the audit of now: by name, by module and symbol, by a symbol that only one job is left with on "
    "either side, or as an attestation says. A job whose name is made at run time cannot be told apart from another.",
    answered_by="machine",
    check=check,
)
