"""Bull's job hash, and the sets that hold its id, as a look at the job."""

from __future__ import annotations

from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.shadow.looks.bull import Look, Place
from migrator.shadow.streams.bullmq import read_hash

#: fields of a job's hash, and sorted sets that may hold its id
FIELDS = ("timestamp", "processedOn", "finishedOn", "attemptsMade", "stalledCounter", "stacktrace", "failedReason", "opts")
SETS = ("delayed", "completed", "failed")
#: a score in `delayed` is milliseconds times this, plus a number
_SCALE = 0x1000


def read_look(answers: list[Any], now: int) -> Look | None:
    """What is known of one job: the values of `FIELDS`, its scores in `SETS`, its place in `active`, and whether it is locked.

    None when there is no such job.
    """
    (created, processed, finished, made, stalled, stacks, reason, options), due, completed, failed, active, lock = answers
    if created is None:
        return None
    place: Place = (
        "completed"
        if completed is not None
        else "failed"
        if failed is not None
        else "active"
        if active is not None
        else "delayed"
        if due is not None
        else "waiting"
    )
    asked: dict[str, Any] = msgspec.json.decode(options or "{}")
    failures = int(made or 0)
    return Look(
        at=now,
        place=place,
        locked=bool(lock),
        created=_ns(created),
        delay=round(float(asked.get("delay") or 0)) * 1_000_000,
        processed=_ns(processed) if processed else None,
        finished=_ns(finished) if finished else None,
        due=int(float(due)) // _SCALE * 1_000_000 if due is not None else None,
        backoff=backoff(asked.get("backoff")),
        stalls=int(stalled or 0),
        errors=read_hash(failures, None, stacks, reason),
    )


def backoff(option: Any) -> tuple[OneOf["fixed", "exponential"], int] | None:
    """What a job's option `backoff` says, in nanoseconds; None where it asks the application's code, or says nothing.

    >>> backoff(500), backoff({"type": "exponential", "delay": 100}), backoff({"type": "mine"})
    (('fixed', 500000000), ('exponential', 100000000), None)
    """
    if isinstance(option, (int, float)):
        option = {"type": "fixed", "delay": option}
    if not isinstance(option, dict) or not isinstance(option.get("delay"), (int, float)):
        return None
    kind = option.get("type")
    return (kind, round(option["delay"] * 1_000_000)) if kind in ("fixed", "exponential") else None


def _ns(milliseconds: str) -> int:
    return int(float(milliseconds)) * 1_000_000
