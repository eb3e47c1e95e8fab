"""G05: the new system is watched."""

from __future__ import annotations

from migrator.cutover.by_rules import rules_pass
from migrator.cutover.gate import Gate

GATE = Gate(
    id="G05",
    title="Monitoring and alerts are in place",
    asks="Are jobs measured, are failures collected, and does a health check look at queues and workers?",
    how="The rules JOB402, JOB403 and JOB405. Whether an alert reaches somebody is for a person to say.",
    answered_by="either",
    check=rules_pass("JOB402", "JOB403", "JOB405"),
)
