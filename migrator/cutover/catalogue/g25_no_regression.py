"""G25: nothing severe is wrong that was not wrong before."""

from __future__ import annotations

from collections import Counter

from migrator.cutover.by_rules import told
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, met, unmet


def check(evidence: Evidence) -> Answer:
    """Unmet where a rule finds more critical or high defects than when the migration began."""
    # The lock counts what stands in the code: what a look at servers finds it could not know.
    severe = [f for f in evidence.inventory.findings if f.severity in ("critical", "high") and not f.id.startswith("LIV")]
    counts, before = Counter(f.id for f in severe), evidence.lock.findings
    more = {rule for rule, count in counts.items() if count > before.get(rule, 0)}
    if more:
        return unmet(*(f"{told(f)} ({before.get(f.id, 0)} before)" for f in severe if f.id in more))
    return met(f"{sum(counts.values())} critical and high findings, {sum(before.values())} before")


GATE = Gate(
    id="G25",
    title="Nothing got worse",
    asks="Does no rule find more critical or high defects than when the migration began?",
    how="Findings in the code of now against those that the lock counted, rule by rule. What --live finds at servers is not among them: "
    "the lock did not look there.",
    answered_by="machine",
    check=check,
)
