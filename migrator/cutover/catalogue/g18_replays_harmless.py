"""G18: a job that both systems run by mistake does no harm."""

from __future__ import annotations

from migrator.cutover.by_rules import rules_pass
from migrator.cutover.gate import Gate

GATE = Gate(
    id="G18",
    title="A second run does no harm",
    asks="Can every job that both systems may run during the change run twice?",
    how="The rules JOB107 and JOB605.",
    answered_by="either",
    check=rules_pass("JOB107", "JOB605"),
)
