"""BullMQ's event stream as sightings: what a job's passage from one event to the next says about its attempts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from migrator.shadow.drivers.interface import Sighting, SightingKind
from migrator.shadow.looks.tracebacks import last_error
from migrator.shadow.newest import Newest

ENDED = 20_000  #: jobs that are over and remembered: somebody may put them back by hand


class Entry(msgspec.Struct, frozen=True):
    """One entry of the stream. `id` is `milliseconds-number`, by the Redis server's clock."""

    id: str
    event: str
    job_id: str
    fields: Mapping[str, str]

    @property
    def order(self) -> tuple[int, int]:
        """What ids sort by."""
        milliseconds, _, number = self.id.partition("-")
        return int(milliseconds), int(number)


class Hash(msgspec.Struct, frozen=True):
    """What a job's hash says about its failures; empty when the hash is gone."""

    failures: int | None = None  #: attempts that ended in failure
    attempts_started: int | None = None
    stacks: tuple[
        str, ...
    ] = ()  #: of failed attempts, oldest first: one for each, unless what was thrown had none or only the last are kept
    reason: str | None = None  #: the message of the last failure

    def failure(self, number: int) -> str | None:
        """The stack of the n-th failed attempt; None where the stacks cannot be told apart."""
        return self.stacks[number - 1] if 0 < number <= len(self.stacks) == self.failures else None

    def last(self, reason: str | None) -> str | None:
        """The stack of the failure that had this message, else the message: a job that stalled for good has older stacks."""
        return self.stacks[-1] if self.stacks and (reason or "") in self.stacks[-1] else reason


class Reader:
    """Turns entries into sightings. `key_of` finds the ledger's key of a job that is not ours by its id; `hash_of` reads a job's hash."""

    def __init__(self, own_prefix: str, key_of: Callable[[str], str | None], hash_of: Callable[[str], Hash]) -> None:
        self._own_prefix, self._key_of, self._hash_of = own_prefix, key_of, hash_of
        self._keys = Newest[str, str | None]()  # so that each id is looked up once
        self._failures: dict[str, int] = {}  # of jobs that were watched from their beginning
        self._active: set[str] = set()
        self._ended: dict[str, None] = {}

    def read(self, entries: Sequence[Entry]) -> list[Sighting]:
        """Sightings of our jobs. A stalled job's two entries (`waiting`, `stalled`) must be in one call."""
        found: list[Sighting] = []
        for position, entry in enumerate(entries):
            if not entry.job_id or (key := self._job_key(entry.job_id)) is None:
                continue
            following = entries[position + 1] if position + 1 < len(entries) else None
            stalled = following is not None and following.event == "stalled" and following.job_id == entry.job_id
            for step, (kind, failure) in enumerate(self._kinds(entry, stalled=stalled)):
                found.append(_sighting(entry, step, key, kind, failure))
        return found

    def _job_key(self, job_id: str) -> str | None:
        if job_id.startswith(self._own_prefix):
            return job_id
        if job_id not in self._keys:
            self._keys[job_id] = self._key_of(job_id)
        return self._keys[job_id]

    def _kinds(self, entry: Entry, *, stalled: bool) -> list[tuple[SightingKind, str | None]]:
        """What an entry means, in order, each with the error that belongs to it."""
        match entry.event, entry.fields.get("prev"):
            case "added", _:
                self._failures[entry.job_id] = 0
            case ("waiting" | "delayed") as event, previous:
                ready: SightingKind = "available" if event == "waiting" else "delayed"
                if not self._was_active(entry.job_id, previous):
                    return [(ready, None)]
                return [*([("stalled", None)] if stalled else self._attempt_failed(entry.job_id)), (ready, None)]
            case "active", _:
                self._active.add(entry.job_id)
                return [("started", None)]
            case "completed", _:
                self._end(entry.job_id)
                return [("completed", None)]
            case "failed", _:
                self._end(entry.job_id)
                return [("discarded", self._hash_of(entry.job_id).last(entry.fields.get("failedReason")))]
            case "removed", previous if previous not in ("completed", "failed"):
                self._end(entry.job_id)
                return [("removed", None)]
            case _:
                pass
        return []

    def _end(self, job_id: str) -> None:
        """The job is over. Of the last that were it is still known how often they failed."""
        self._active.discard(job_id)
        self._ended.pop(job_id, None)
        self._ended[job_id] = None
        if len(self._ended) > ENDED:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._failures.pop(oldest, None)

    def _was_active(self, job_id: str, previous: str | None) -> bool:
        """Whether a worker had the job until now. `delayed` does not say where the job comes from."""
        if job_id in self._active:
            self._active.discard(job_id)
            return True
        if previous is not None or job_id in self._failures:
            return previous == "active"
        return bool(self._hash_of(job_id).attempts_started)

    def _attempt_failed(self, job_id: str) -> list[tuple[SightingKind, str | None]]:
        """A job that leaves `active` without an end has failed an attempt, or was only put off (`DelayedError`, a rate limit)."""
        known, seen = self._failures.get(job_id), self._hash_of(job_id)
        if known is None:
            return [("attempt_failed", seen.last(seen.reason))]
        if seen.failures is not None and seen.failures <= known:
            return []
        self._failures[job_id] = known + 1
        return [("attempt_failed", seen.failure(known + 1))]


def read_hash(failures: int | None, started: str | None, stacktrace: str | None, reason: str | None = None) -> Hash:
    """A job's fields `ats`, `stacktrace` and `failedReason`, and what `failed_attempts` says of it."""
    try:
        stacks = json.loads(stacktrace or "[]")
    except ValueError:
        stacks = []
    return Hash(
        failures=failures,
        attempts_started=int(started) if started else None,
        stacks=tuple(map(str, stacks)) if isinstance(stacks, list) else (),
        reason=reason,
    )


def failed_attempts(made: str | None, made_v4: str | None, *, active: bool, completed: bool) -> int | None:
    """Of a job's fields `atm` and `attemptsMade`: the first counts attempts that ended, the second (version 4) those that began.

    >>> failed_attempts("2", None, active=True, completed=False), failed_attempts(None, "2", active=True, completed=False)
    (2, 1)
    """
    if made:
        return int(made) - completed
    return int(made_v4) - (active or completed) if made_v4 else None


def read_error(text: str) -> tuple[str | None, str | None]:
    """Type and message of an error as a worker stored it: a JavaScript stack, or a Python traceback.

    >>> read_error("TypeError: no title\\n    at x")
    ('TypeError', 'no title')
    """
    if text.startswith("Traceback "):
        return last_error(text)
    return split_error(text.strip().splitlines()[0]) if text.strip() else (None, None)


def split_error(line: str) -> tuple[str | None, str]:
    """Type and message of the first line of a JavaScript stack.

    >>> split_error("TypeError: no title")
    ('TypeError', 'no title')
    >>> split_error("import failed: no title")
    (None, 'import failed: no title')
    """
    found = re.match(r"(?:Uncaught )?([A-Za-z_$][\w$.]*): (.*)$", line)
    return (found[1], found[2]) if found else (None, line)


def _sighting(entry: Entry, step: int, key: str, kind: SightingKind, failure: str | None) -> Sighting:
    milliseconds, number = entry.order
    due = entry.fields.get("delay") if kind == "delayed" else None
    err_type, err_message = read_error(failure) if failure else (None, None)
    return Sighting(
        id=f"{milliseconds:014d}-{number:08d}.{step}",
        job_key=key,
        native_id=entry.job_id,
        kind=kind,
        ts_ns=milliseconds * 1_000_000,
        until_ns=int(due) * 1_000_000 if due and due.isdigit() else None,
        err_type=err_type,
        err_message=err_message,
    )
