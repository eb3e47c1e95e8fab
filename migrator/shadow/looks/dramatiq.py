"""Dramatiq's messages on Redis as sightings. A message that is tried again is a new one with the same id, that says of the last attempt
when it failed and how. What is done is deleted, and nothing says when it began.

Times are those of the machines that wrote them, in milliseconds: of the client for the enqueue, of the workers for all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from typing import Literal as OneOf

import msgspec

from migrator.shadow.drivers.interface import MARKER, Sighting, SightingKind
from migrator.shadow.looks.tracebacks import last_error
from migrator.shadow.wording import count

Place = OneOf["queue", "delay", "dead"]
#: of what happened in one millisecond, which came first
_ORDER: tuple[SightingKind, ...] = ("available", "attempt_failed", "delayed", "discarded", "completed")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it lies in Redis. Times in milliseconds since the epoch, by whoever wrote it."""

    redis_id: str
    native_id: str
    job_key: str
    place: Place
    sent: int
    retries: int = 0  #: attempts that failed before
    requeued: int | None = None  #: when the last of them did
    traceback: str = ""  #: of the last of them
    eta: int | None = None
    dead: int | None = None  #: when it was given up


class Reader:
    """Turns messages into sightings. Reading the same message again finds nothing new; another Reader gives the same things the same ids.

    `failures`: what an earlier Reader knew of open jobs, None if there was none.
    """

    def __init__(self, failures: Mapping[str, int] | None = None) -> None:
        self._resumed, self._before = failures is not None, dict(failures or {})
        self._failures: dict[str, int] = {}
        self._told: dict[str, set[tuple[SightingKind, int]]] = {}
        self.missed: list[str] = []  #: sentences about attempts whose ends were gone before they could be read

    def failures(self) -> dict[str, int]:
        """Attempts known to have failed, of jobs that are still open: what another Reader goes on from."""
        return {native: failures for native, failures in self._failures.items() if failures}

    def forget(self, native_id: str) -> None:
        """The job is over."""
        self._failures.pop(native_id, None)
        self._told.pop(native_id, None)

    def read(self, messages: Iterable[Message]) -> list[Sighting]:
        """What is new in the messages of one job, in the order in which it happened."""
        found: list[Sighting] = []
        for message in sorted(messages, key=lambda m: (m.retries, m.place == "dead")):
            found += self._failed_before(message)
            if message.place == "dead":
                found += self._tell(message, "discarded", message.dead or message.requeued or message.sent)
            elif message.place == "delay":
                until = None if message.eta is None else message.eta * 1_000_000
                found += self._tell(message, "delayed", message.requeued or message.sent, until_ns=until)
            elif message.retries == 0 and ("delayed", 0) not in self._told.get(message.native_id, ()):
                # One that has waited for its time goes to the queue unseen: nobody writes down when.
                found += self._tell(message, "available", message.sent)
        return found

    def _failed_before(self, message: Message) -> list[Sighting]:
        """The attempt that this message is the retry of."""
        known = self._failures.setdefault(message.native_id, self._before.pop(message.native_id, 0))
        if message.retries <= known:
            return []
        self._failures[message.native_id] = message.retries
        if message.retries - known > 1 and not self._resumed:
            missed = count(message.retries - known - 1, "attempt")
            self.missed.append(f"{missed} of job {message.native_id} unseen: over before the next look")
        err_type, err_message = last_error(message.traceback) if message.traceback else (None, None)
        return self._tell(message, "attempt_failed", message.requeued or message.sent, err_type=err_type, err_message=err_message)

    def _tell(self, message: Message, kind: SightingKind, at: int, **more: Any) -> list[Sighting]:
        told = self._told.setdefault(message.native_id, set())
        if (kind, message.retries) in told:
            return []
        told.add((kind, message.retries))
        return [
            Sighting(
                id=f"{at:014d}.{message.retries:04d}.{_ORDER.index(kind)}-{message.native_id}",
                job_key=message.job_key,
                native_id=message.native_id,
                kind=kind,
                ts_ns=at * 1_000_000,
                **more,
            )
        ]


def read_message(redis_id: str, data: bytes, place: Place, own_prefix: str, *, dead: float | None = None) -> Message | None:
    """A message as Dramatiq encodes it, if it is of a job whose key begins with `own_prefix`."""
    if own_prefix.encode() not in data:
        return None
    try:
        stored = msgspec.json.decode(data)
        options, native = stored["options"], stored["message_id"]
        marks = (
            options.get(MARKER),
            *(value.get(MARKER) for value in stored["args"] if isinstance(value, dict)),
            stored["kwargs"].get(MARKER),
        )
        keys = (native, *(mark.get("key") for mark in marks if isinstance(mark, dict)))
        key = next((key for key in keys if isinstance(key, str) and key.startswith(own_prefix)), None)
        if key is None:
            return None
        return Message(
            redis_id=redis_id,
            native_id=native,
            job_key=key,
            place=place,
            sent=int(stored["message_timestamp"]),
            retries=int(options.get("retries") or 0),
            requeued=options.get("requeue_timestamp"),
            traceback=options.get("traceback") or "",
            eta=int(options["eta"]) if place == "delay" and options.get("eta") is not None else None,
            dead=None if dead is None else int(dead),
        )
    except (msgspec.DecodeError, LookupError, TypeError, ValueError, AttributeError):
        return None  # not as Dramatiq's own encoder writes it
