"""What somebody on call needs to see and to do, and whether the application offers it."""

from __future__ import annotations

import msgspec

from migrator.jobs import Inventory
from migrator.jobs.findings import State

#: what is wanted -> the rule that looks for it
WANTED: tuple[tuple[str, str], ...] = (
    ("Counts of each queue, and whether workers are there (such as GET /health/queues)", "JOB405"),
    ("List the jobs of a queue (GET /jobs/{queue})", "JOB406"),
    ("Look into a job (GET /jobs/{queue}/{id})", "JOB406"),
    ("Pause a queue", "JOB406"),
    ("Resume a queue", "JOB406"),
    ("Run a failed job again", "JOB406"),
    ("Remove a job", "JOB406"),
    ("Metrics, and how long jobs take (GET /metrics)", "JOB402"),
    ("An id that follows a request through its jobs", "JOB404"),
    ("Errors are collected somewhere", "JOB403"),
)


class Gap(msgspec.Struct, frozen=True):
    """A wish, the rule that looks for it, and what it found; None where the rule was not looked at."""

    wish: str
    rule: str
    state: State | None
    reason: str


def monitoring(inventory: Inventory) -> list[Gap]:
    """Each wish with its state."""
    checks = {check.id: check for check in inventory.checks}
    gaps: list[Gap] = []
    for wish, rule in WANTED:
        check = checks.get(rule)
        shown = f"{check.evidence[0].what} ({check.evidence[0].path}:{check.evidence[0].line})" if check and check.evidence else ""
        reason = "" if check is None else check.reason or (shown if check.state == "pass" else "")
        gaps.append(Gap(wish, rule, check.state if check else None, reason))
    return gaps
