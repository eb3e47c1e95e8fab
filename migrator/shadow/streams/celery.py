"""Celery's task events as sightings. They are sent once, to whoever listens at that moment.

Their times are those of the machine that sent them: of the client for the enqueue, of the worker for all else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from migrator.shadow.drivers.interface import Sighting, SightingKind
from migrator.shadow.looks.tracebacks import error_of_repr
from migrator.shadow.newest import Newest

_ENDS: dict[str, SightingKind] = {"task-succeeded": "completed", "task-failed": "discarded", "task-revoked": "cancelled"}
#: of things that happened in one microsecond, which came first
_ORDER: tuple[SightingKind, ...] = ("delayed", "available", "started", "attempt_failed", "stalled", "completed", "discarded", "cancelled")


class Reader:
    """Turns events into sightings of the jobs whose key begins with `own_prefix`."""

    def __init__(self, own_prefix: str) -> None:
        self._own_prefix = own_prefix
        self._mark = re.compile(rf"{re.escape(own_prefix)}[\w-]+")
        self.copies = Newest[str, str](200_000)  #: ids that somebody else chose -> job key: of every job, where the application chooses
        #: nanoseconds at which we began to hand a task over: `task-sent` is said after the task is there, and may come after its start
        self.handed: dict[str, int] = {}
        self.active: set[str] = set()  #: ids of tasks that a worker has begun and, as far as was seen, not ended

    def read(self, event: Mapping[str, Any]) -> Sighting | None:
        """What an event says of a job of ours; None when it says nothing, or is of somebody else's."""
        native, kind = str(event.get("uuid", "")), str(event.get("type", ""))
        key = self._key(native, event)
        if key is None:
            return None
        until = _moment(event.get("eta"))
        seen = self._kind(kind, event, until)
        if seen is None or (kind == "task-sent" and seen == "available" and native not in self.handed):
            # Another process handed it over; when it began to, that process says itself.
            return None
        if seen == "started":
            self.active.add(native)
        elif seen not in ("available", "delayed"):
            self.active.discard(native)
        failed = seen in ("attempt_failed", "discarded")
        err_type, err_message = error_of_repr(str(event["exception"])) if failed and event.get("exception") else (None, None)
        at = round(float(event["timestamp"]) * 1_000_000)
        if kind == "task-sent":
            at = min(at, self.handed.pop(native, at * 1000) // 1000)
        return Sighting(
            id=f"{at:017d}.{_ORDER.index(seen)}-{native}",
            job_key=key,
            native_id=native,
            kind=seen,
            ts_ns=at * 1000,
            until_ns=until if seen == "delayed" else None,
            err_type=err_type,
            err_message=err_message,
        )

    def _key(self, native: str, event: Mapping[str, Any]) -> str | None:
        if native.startswith(self._own_prefix):
            return native
        if native not in self.copies:
            found = self._mark.search(f"{event.get('args')} {event.get('kwargs')}") if "args" in event else None
            if found is None:
                return None
            self.copies[native] = found[0]
        return self.copies[native]

    def _kind(self, kind: str, event: Mapping[str, Any], until: int | None) -> SightingKind | None:
        if kind == "task-sent" or (kind == "task-received" and event.get("retries")):
            # A retry is put into the queue at once; a worker takes it and holds it back until its time has come.
            return "delayed" if until is not None else "available"
        if kind == "task-received":
            return "available" if event.get("uuid") in self.copies and until is None else None
        if kind == "task-started":
            return "started"
        if kind == "task-retried":
            return "attempt_failed"
        if kind == "task-rejected":
            return "stalled" if event.get("requeue") else "discarded"
        return "stalled" if kind == "task-cancelled" else _ENDS.get(kind)


def _moment(text: object) -> int | None:
    """Nanoseconds since the epoch."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return round(moment.timestamp() * 1_000_000) * 1000 if moment is not None else None
