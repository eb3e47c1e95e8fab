"""G20: the defects that make a job system unfit for production are mended."""

from __future__ import annotations

from migrator.cutover.by_rules import rules_pass
from migrator.cutover.gate import Gate

#: dead letters, retries, a way to manage jobs, fan-out, logs, connections, concurrency, ids, deduplication, rate limits, time zones,
#: transactions, load, priorities, dates, bulk, dependencies, and what watches them
RULES = (
    *("JOB001", "JOB101", "JOB102", "JOB103", "JOB104", "JOB106", "JOB107", "JOB110", "JOB116"),
    *("JOB201", "JOB202", "JOB203", "JOB204", "JOB205", "JOB206", "JOB207", "JOB210", "JOB211"),
    *("JOB301", "JOB302", "JOB401", "JOB402", "JOB403", "JOB404", "JOB405", "JOB406"),
    *("JOB601", "JOB602", "JOB603", "JOB605", "JOB606"),
)

GATE = Gate(
    id="G20",
    title="Fit for production",
    asks="Does none of the rules of the readiness list find anything?",
    how=f"The rules {', '.join(RULES)}. What a baseline hides counts here.",
    answered_by="either",
    check=rules_pass(*RULES),
)
