"""Jobs that something happened to, one by one and by name."""

from __future__ import annotations

from typing import Literal as OneOf
from typing import get_args

import msgspec

from migrator.shadow.ledger import Event, JobHistory

Trouble = OneOf[
    "lost", "duplicate effect", "stuck", "never enqueued", "duplicate delivery", "found late", "late", "out of order", "discarded"
]
#: worst first
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)


class NamedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job and what is wrong with it. `since_ns`: when it was assigned."""

    trouble: Trouble
    arm: str
    job_key: str
    job_name: str
    unit_key: str
    label: str | None
    native_ids: tuple[str, ...]
    since_ns: int | None
    detail: str


def troubles(history: JobHistory) -> list[NamedJob]:
    """What the job's own history tells. Whether an open job is stuck can only be said when all have been seen: see `stuck`."""
    found: list[NamedJob] = []
    if history.outcome == "presumed_lost":
        found.append(_named(history, "lost", f"{_whereabouts(history)}; its system no longer knows it"))
    if history.outcome == "enqueue_failed":
        found.append(_named(history, "never enqueued", history.enqueue_error or "the system did not take it"))
    if history.duplicate_effects:
        found.append(_named(history, "duplicate effect", f"completed {history.completions} times"))
    elif history.duplicate_deliveries:
        found.append(_named(history, "duplicate delivery", _deliveries(history)))
    if history.found_late:
        found.append(_named(history, "found late", f"was given up as lost, then turned up again: {history.outcome.replace('_', ' ')}"))
    elif history.overdue and history.end_to_end_ns is not None and history.outcome in ("completed", "discarded"):
        found.append(
            _named(history, "late", f"was overdue when it was looked for; ended {history.end_to_end_ns / 1e9:.1f} s after it was assigned")
        )
    if history.outcome == "discarded":
        found.append(_named(history, "discarded", _last_error(history)))
    return found


def may_be_stuck(history: JobHistory) -> bool:
    """Whether `stuck` could ever name it: the rest need not be kept until all have been seen."""
    return history.outcome == "in_flight" and (history.overdue or any(a.result == "open" for a in history.attempts))


def stuck(history: JobHistory, until_ns: int, limit_seconds: float) -> NamedJob | None:
    """The open job, if it was declared overdue or nothing was heard of its newest attempt for longer than the limit."""
    if not may_be_stuck(history):
        return None
    running = [a for a in history.attempts if a.result == "open"]
    newest = running[-1] if running else None
    silent = (until_ns - (newest.alive_ns or newest.started_ns)) / 1e9 if newest else 0.0
    if not history.overdue and silent <= limit_seconds:
        return None
    if newest:
        began = f"attempt {newest.number} began {(until_ns - newest.started_ns) / 1e9:.1f} s before the last look"
        heard = f"; its worker last said {silent:.1f} s before it that it is running" if newest.alive_ns else " and was not seen to end"
        return _named(history, "stuck", began + heard)
    return _named(history, "stuck", f"{_whereabouts(history)}; its system still has it")


def overtook(job: JobHistory | Event) -> NamedJob:
    """A job that started before another of its unit that was ready earlier; `job` may be its `assigned` event."""
    return NamedJob(
        trouble="out of order",
        arm=job.arm,
        job_key=job.job_key,
        job_name=job.job_name,
        unit_key=job.unit_key,
        label=job.label,
        native_ids=(),
        since_ns=job.assigned_ns if isinstance(job, JobHistory) else job.ts_ns,
        detail=f"started before a job of its unit `{job.unit_key}` that was ready earlier",
    )


def _named(history: JobHistory, trouble: Trouble, detail: str) -> NamedJob:
    return NamedJob(
        trouble=trouble,
        arm=history.arm,
        job_key=history.job_key,
        job_name=history.job_name,
        unit_key=history.unit_key,
        label=history.label,
        native_ids=history.native_ids,
        since_ns=history.assigned_ns,
        detail=detail,
    )


def _whereabouts(history: JobHistory) -> str:
    if history.attempts:
        return f"started {_times(len(history.attempts))}, not seen to end"
    return "accepted, never seen to start" if history.enqueued_ns is not None else "assigned, its enqueue never answered"


def _deliveries(history: JobHistory) -> str:
    starts: dict[int, int] = {}
    for attempt in history.attempts:
        starts[attempt.number] = starts.get(attempt.number, 0) + 1
    return ", ".join(f"attempt {number} was started {_times(count)}" for number, count in starts.items() if count > 1)


def _last_error(history: JobHistory) -> str:
    failed = [a for a in history.attempts if a.result == "failed"]
    after = f"after {history.attempts_made} attempts" if history.attempts_made > 1 else "after 1 attempt"
    if not failed:
        return "failed for good; its attempts are not visible in this system"
    words = ": ".join(part for part in (failed[-1].err_type, failed[-1].err_message) if part)
    return f"{after}: {words}" if words else after


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"
