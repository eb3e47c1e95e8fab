"""The table at the head of the report: a line for each thing that decides whether jobs can be run in production."""

from __future__ import annotations

import msgspec

from migrator.jobs import Inventory, Job, Schedule, Worker, literal_of
from migrator.jobs.findings import SEVERITIES, Check, State

#: what -> rules that say how it is
RULED: dict[str, tuple[str, ...]] = {
    "Retries": ("JOB101", "JOB102"),
    "Dead letters": ("JOB103", "JOB104"),
    "Structured logs": ("JOB401",),
    "Metrics": ("JOB402",),
    "Errors reach somebody": ("JOB403",),
    "Jobs can be looked at and managed": ("JOB406",),
    "Fan-out": ("JOB202", "JOB209"),
    "Ids and duplicates": ("JOB601", "JOB602", "JOB603", "JOB605"),
    "Schedules": ("JOB301", "JOB302", "JOB304"),
    "Security": ("JOB701", "JOB702", "JOB703", "JOB704", "JOB705"),
}
_WORST: tuple[State, ...] = ("fail", "unknown", "pass", "not-applicable")
STATE_WORDS: dict[State, str] = {"fail": "no", "unknown": "not known", "pass": "yes", "not-applicable": "n/a"}


class Metric(msgspec.Struct, frozen=True):
    """A line: what, how it is (empty for a plain number), and what was found."""

    what: str
    state: State | None
    found: str


def metrics(inventory: Inventory) -> list[Metric]:
    """The lines, numbers first."""
    jobs = [i for i in inventory.production if isinstance(i, Job)]
    schedules = [i for i in inventory.production if isinstance(i, Schedule)]
    counts = {severity: sum(1 for f in inventory.findings if f.severity == severity) for severity in SEVERITIES}
    lines = [
        Metric("Findings", None, ", ".join(f"{number} {severity}" for severity, number in counts.items() if number) or "none"),
        Metric("Jobs", None, f"{len(jobs)}, of which {sum(1 for j in jobs if j.live is False)} are registered nowhere"),
        Metric("Scheduled", None, str(len(schedules))),
    ]
    lines += _queues(inventory, jobs)
    checks = {check.id: check for check in inventory.checks}
    return lines + [_ruled(inventory, what, [checks[r] for r in rules if r in checks]) for what, rules in RULED.items()]


def _queues(inventory: Inventory, jobs: list[Job]) -> list[Metric]:
    """Queues that code names, and how many of them a worker is seen to take from; nothing where no queue is named."""
    named = {queue for job in jobs if isinstance(queue := literal_of(job.queue), str)}
    taken = {q for i in inventory.production if isinstance(i, Worker) for q in i.queues}
    if not named:
        return []
    number = len(named)
    found = f"{len(named & taken)} of {number} that jobs name are named by a worker" if taken else f"{number}; no worker names its queues"
    return [Metric("Queues", None, found)]


def _ruled(inventory: Inventory, what: str, checks: list[Check]) -> Metric:
    states: list[State] = [c.state for c in checks]
    state: State = min(states, key=_WORST.index) if states else "not-applicable"
    those = [c for c in checks if c.state == state]
    if state == "fail":
        found = next(
            (f"{f.message} ({f.id})" for f in inventory.findings if f.id in {c.id for c in those}), "accepted, or below the threshold"
        )
    elif state == "unknown":
        found = "; ".join(f"{c.reason} ({c.id})" for c in those)
    else:
        found = "; ".join(f"{c.evidence[0].what} ({c.evidence[0].path}:{c.evidence[0].line})" for c in those if c.evidence)
    return Metric(what, state, found)
