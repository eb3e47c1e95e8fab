"""The jobs as a table: what starts each, where it is enqueued, how often it is run, what was found at it."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from migrator.jobs import Enqueue, Inventory, Item, Job, Literal, Schedule
from migrator.planning.starts import starts
from migrator.reporting.audit_words import short, title, when, where


class JobRow(msgspec.Struct, frozen=True):
    """A job in the words of the table. `findings`: ids of what was found in its code."""

    name: str
    system: str
    queue: str
    starts: tuple[str, ...]
    enqueued: int
    where: str
    runs: str
    steps: int
    findings: tuple[str, ...]
    live: bool | None


def job_rows(inventory: Inventory) -> list[JobRow]:
    """Jobs of production code by system and name."""
    picture = starts(inventory)
    started: defaultdict[str, list[Item]] = defaultdict(list)
    for (_, end), items in picture.edges.items():
        started[picture.nodes[end].place] += items
    rows = [_row(job, started[where(job)], inventory) for job in inventory.production if isinstance(job, Job)]
    return sorted(rows, key=lambda r: (r.system, r.name, r.where))


def _row(job: Job, started: list[Item], inventory: Inventory) -> JobRow:
    events = [f"event {short(t.value)}" for t in job.triggers if t.kind == "event"]
    schedules = [when(s) for s in started if isinstance(s, Schedule)]
    first, last = job.location.line, job.handler.location.end_line if job.handler is not None else job.location.end_line
    path = job.handler.location.path if job.handler is not None else job.location.path
    inside = {f.id for f in inventory.findings for p in f.places if p.path == path and first <= p.line <= last}
    return JobRow(
        job.name or job.symbol or "known only at run time",
        title(job.system),
        short(job.queue),
        tuple(dict.fromkeys((*events, *schedules))),
        len({where(e) for e in started if isinstance(e, Enqueue)}),
        where(job),
        _runs(job),
        len(job.steps),
        tuple(sorted(inside)),
        job.live,
    )


def _runs(job: Job) -> str:
    if job.retry is None:
        return ""
    attempts = job.retry.max_attempts
    return "without end" if isinstance(attempts, Literal) and attempts.value is None else short(attempts)
