"""G04: what happened when a job failed for good still happens."""

from __future__ import annotations

from migrator.cutover.by_rules import by_rules
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, unmet

_RULES = ("JOB103", "JOB104", "JOB105", "JOB403")


def check(evidence: Evidence) -> Answer:
    """Unmet where a failure handler was lost, or a rule on failures finds something."""
    lost = [
        f"{fate.now.location.place}: {fate.job.name} had a failure handler and has none"
        for fate in evidence.fates
        if fate.now is not None and fate.job.failure_handler and fate.now.failure_handler is None
    ]
    by_rule = by_rules(evidence, _RULES)
    return unmet(*lost, *(by_rule.evidence if by_rule.state == "unmet" else ())) if lost else by_rule


GATE = Gate(
    id="G04",
    title="Failures are handled",
    asks="Does every job that had a failure handler have one, and does somebody hear of every job that fails for good?",
    how=f"Failure handlers of the lock against those of now, and the rules {', '.join(_RULES)}.",
    answered_by="either",
    check=check,
)
