"""Bull's published messages and job hash as sightings.

A message tells that something happened, and to which job; the hash has the times of the last start and of the end, by the clocks of the
workers' machines. Nothing is published when an attempt fails that is tried again: that is read from the hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.shadow.drivers.interface import Sighting, SightingKind
from migrator.shadow.newest import Newest
from migrator.shadow.streams.bullmq import Hash, read_error
from migrator.shadow.wording import count

#: what comes first around one attempt; what is ready for the next attempt comes before it
_ORDER: dict[SightingKind, int] = {
    "delayed": 1,
    "available": 2,
    "started": 3,
    "attempt_failed": 4,
    "stalled": 4,
    "completed": 5,
    "discarded": 5,
}
Place = OneOf["waiting", "delayed", "active", "completed", "failed"]


class Heard(msgspec.Struct, frozen=True):
    """A message about a job, and when it came in, in nanoseconds since the epoch. `reason`: the error of one that failed for good."""

    kind: OneOf["waiting", "active", "stalled", "completed", "failed"]
    at: int
    reason: str | None = None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stood at one moment, after all that was heard. Times are nanoseconds since the epoch; None where the hash has none."""

    at: int
    place: Place
    created: int
    delay: int = 0  #: nanoseconds that it was to wait from then on
    processed: int | None = None  #: its last start
    finished: int | None = None
    due: int | None = None
    backoff: tuple[OneOf["fixed", "exponential"], int] | None = None  #: with nanoseconds, where Bull computes the wait by itself
    #: a worker holds it; one that has only just taken it, or died, does not. Bull 3 leaves the lock of an attempt that failed.
    locked: bool = True
    stalls: int = 0
    errors: Hash = Hash()

    @property
    def failures(self) -> int:
        """Attempts that ended in failure."""
        return self.errors.failures or 0

    def starts(self, before: int | None, *, heard: bool) -> int:
        """Attempts that surely began. One of a job that stalled for good is among its stalls.

        `before`: its last start by the look before, 0 if it had none; None where there was no such look. `heard`: the last message was of
        a start.
        """
        # What a worker does first only moves the job: after a failure the lock may be an old one, but not the moment of the start.
        begun = self.locked and (not self.failures or (heard if before is None else self.processed != before))
        return self.failures + self.stalls + (self.place == "completed" or (self.place == "active" and begun))

    def wait_after(self, failures: int) -> int | None:
        """Nanoseconds that the job waits after so many failures; None where the application's code says it."""
        if self.backoff is None:
            return None
        kind, delay = self.backoff
        return delay if kind == "fixed" else (2**failures - 1) * delay

    @property
    def over(self) -> bool:
        """There is nothing more to come."""
        return self.place in ("completed", "failed")


class Known(msgspec.Struct):
    """What has been told of a job: what another Reader goes on from."""

    starts: int = 0
    failures: int = 0
    stalls: int = 0
    active: bool = False  #: an attempt has begun, and its end has not been told
    processed: int | None = None  #: its last start by the last look, 0 if it had none; None where there was no look


class _Course(msgspec.Struct):
    known: Known
    created: int = 0
    last: int = 0  #: the latest time that was told
    entered: bool = False  #: its way into the queue has been told
    waits: bool = False  #: until a moment that was told
    ended: bool = False


class Reader:
    """Turns what was heard of a job, and a look that came after, into sightings. Another Reader gives the same things the same ids."""

    def __init__(self, known: Mapping[str, Known] | None = None) -> None:
        self._before = dict(known or {})
        self._over = Newest[str, Known]()  # jobs that somebody may put back by hand
        self._courses: dict[str, _Course] = {}
        self.missed: list[str] = []  #: sentences about what was over before it could be seen

    def known(self) -> dict[str, Known]:
        """Of jobs that are open and have begun."""
        return {native: course.known for native, course in self._courses.items() if course.known.starts}

    def active(self) -> list[str]:
        """Jobs whose attempt may end without a message."""
        return [native for native, course in self._courses.items() if course.known.active]

    def forget(self, native_id: str) -> None:
        """The job is over."""
        if course := self._courses.pop(native_id, None):
            self._over[native_id] = course.known

    def read(self, job_key: str, native_id: str, heard: Sequence[Heard], look: Look | None) -> list[Sighting]:
        """What is new, in the order in which it happened. `look` is None when the job's hash is gone."""
        course = self._courses.get(native_id)
        if course is None:
            known = self._before.pop(native_id, None) or self._over.pop(native_id, None)
            course = self._courses[native_id] = _Course(known or Known())
        told = _Telling(job_key, native_id, course, look, heard)
        told.enter()
        for message in heard:
            told.hear(message)
        if look is not None:
            if missed := told.reconcile(look):
                self.missed.append(f"{count(missed, 'attempt')} of job {native_id} unseen: over before the next look")
            course.known.processed = look.processed or 0
        return told.found


class _Telling:
    """One reading of one job."""

    def __init__(self, job_key: str, native_id: str, course: _Course, look: Look | None, heard: Sequence[Heard]) -> None:
        self._job_key, self._native_id, self._course, self._look, self._heard = job_key, native_id, course, look, heard
        self._known = course.known
        starting = bool(heard) and heard[-1].kind == "active"
        self._starts = look.starts(self._known.processed, heard=starting) if look else None
        self.found: list[Sighting] = []

    def enter(self) -> None:
        course, look, heard = self._course, self._look, self._heard
        if course.entered:
            return
        course.entered = True
        course.created = look.created if look else heard[0].at if heard else 0
        if self._known.starts:
            return  # told by an earlier Reader, or before it was put back by hand
        if look is not None and look.delay:
            self._tell("delayed", look.created, until=look.created + look.delay)
            course.waits = True
        else:
            self._tell("available", course.created)

    def hear(self, message: Heard) -> None:
        course, known, at = self._course, self._known, message.at
        match message.kind:
            case "waiting":
                if known.active:  # it failed, and its wait is over already
                    wait = self._look.wait_after(known.failures + 1) if self._look else None
                    failed = at if wait is None else max(course.last, at - wait)
                    self._fail(failed)
                    if wait is not None:
                        self._tell("delayed", failed, until=failed + wait)
                    course.waits = True
                if course.waits:  # else it is the message of the enqueue
                    self._tell("available", at)
                course.waits = False
            case "active":
                if known.active:
                    self._fail(at)  # and was tried again at once
                self._start(at)
            case "stalled":
                self._stall(at)
                self._tell("available", at)
            case "completed" | "failed":
                self._end(message.kind == "completed", at, message.reason)

    def reconcile(self, look: Look) -> int:
        """Tell what the look has and nothing was heard of. Returns how many attempts came and went unseen."""
        known, missed = self._known, 0
        if self._starts is not None and self._starts > known.starts:
            # Of a job that a worker has moved and that has not begun again, the last attempt is over as well.
            begins = look.place != "active" or self._starts > look.failures + look.stalls
            untold = look.place not in ("active", "completed") or (known.active and not begins)
            missed = self._starts - known.starts - begins
            known.starts += missed
            known.failures, known.stalls = (
                max(known.failures, look.failures - untold),
                max(known.stalls, min(look.stalls, known.stalls + missed)),
            )
            if begins:
                self._start(look.at)
        if look.over:
            self._end(look.place == "completed", look.at, look.errors.reason)
        elif look.place != "active":
            due = look.due if look.place == "delayed" else None
            ended = look.at
            wait = look.wait_after(look.failures)
            if due is not None and wait is not None:
                ended = min(max(due - wait, self._course.last), look.at)
            if known.active and look.stalls > known.stalls:
                self._stall(ended)
            elif known.active:
                self._fail(ended)
            elif due is None or self._course.waits:
                return missed
            self._tell("available" if due is None else "delayed", ended, until=due)
            self._course.waits = due is not None
        return missed

    def _start(self, at: int) -> None:
        look = self._look
        self._known.starts += 1
        self._known.active, self._course.waits = True, False
        last = look is not None and look.processed is not None and self._known.starts == self._starts
        self._tell("started", look.processed if look and look.processed and last else at)

    def _fail(self, at: int) -> None:
        known = self._known
        known.active, known.failures = False, known.failures + 1
        self._tell("attempt_failed", at, error=self._error(known.failures))

    def _stall(self, at: int) -> None:
        self._known.active, self._known.stalls = False, self._known.stalls + 1
        self._tell("stalled", at)

    def _end(self, completed: bool, at: int, reason: str | None) -> None:
        if self._course.ended or (self._look is not None and not self._known.active):
            return  # told before, or to be told with its start
        self._known.active, self._course.ended = False, True
        finished = self._look.finished if self._look else None
        error = None if completed else self._look.errors.last(reason) if self._look else reason
        self._tell("completed" if completed else "discarded", finished or at, error=error)

    def _error(self, failure: int) -> str | None:
        errors = self._look.errors if self._look else Hash()
        return errors.failure(failure) or (errors.last(errors.reason) if failure == errors.failures else None)

    def _tell(self, kind: SightingKind, at: int, *, until: int | None = None, error: str | None = None) -> None:
        course = self._course
        # Two machines' clocks: nothing happened before what it followed.
        course.last = max(course.last, at)
        attempt = self._known.starts + (kind in ("available", "delayed"))
        err_type, err_message = read_error(error) if error else (None, None)
        self.found.append(
            Sighting(
                id=f"{course.created // 1_000_000:014d}.{attempt:04d}.{_ORDER[kind]}-{self._native_id}",
                job_key=self._job_key,
                native_id=self._native_id,
                kind=kind,
                ts_ns=course.last,
                until_ns=until,
                err_type=err_type,
                err_message=err_message,
            )
        )
