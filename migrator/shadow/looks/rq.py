"""RQ's job hash as sightings. RQ writes a new attempt over the last one: a look that comes in time finds the times of both.

Times are those of the machines that wrote them: of the client for the enqueue, of the workers for all else. An end that no worker wrote (an
abandoned job) has the time of its result, which is Redis's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from migrator.shadow.drivers.interface import Sighting, SightingKind
from migrator.shadow.wording import count

#: what comes first in one stay in the queue
_ORDER: dict[SightingKind, int] = {"available": 1, "started": 2, "delayed": 4}
_END = 3


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands. Times are nanoseconds since the epoch; None where the hash has none."""

    status: str
    created: int
    enqueued: int | None = None
    started: int | None = None
    ended: int | None = None
    due: int | None = None  #: the scheduler puts it into the queue then; RQ keeps whole seconds
    failures: int = 0  #: attempts after which it was given back
    result_at: int | None = None  #: when the last result was written
    err_type: str | None = None
    err_message: str | None = None

    @property
    def over(self) -> bool:
        """There is nothing more to come."""
        return self.status in ("finished", "failed", "stopped", "canceled")


class _Course:
    """What has been told of a job. An attempt is known by when it was enqueued: RQ writes its start twice, a moment apart."""

    def __init__(self, failures: int) -> None:
        self.failures, self.told = failures, set[tuple[SightingKind, int]]()
        self.attempt = 0  #: when the attempt was enqueued whose end has not been told
        self.started = 0


class Reader:
    """Turns looks into sightings. Reading the same look again finds nothing new, and another Reader gives the same things the same ids.

    `failures`: what an earlier Reader knew of jobs, None if there was none; `retry_delay`: nanoseconds that the jobs wait before they are
    tried again.
    """

    def __init__(self, failures: Mapping[str, int] | None = None, *, retry_delay: int = 0) -> None:
        self._resumed, self._before, self._retry_delay = failures is not None, dict(failures or {}), retry_delay
        self._courses: dict[str, _Course] = {}
        self.missed: list[str] = []  #: sentences about what was over before it could be seen

    def failures(self) -> dict[str, int]:
        """Attempts known to have failed, of jobs that are still open: what another Reader goes on from."""
        return {native: course.failures for native, course in self._courses.items() if course.failures}

    def forget(self, native_id: str) -> None:
        """The job is over."""
        self._courses.pop(native_id, None)

    def read(self, job_key: str, native_id: str, look: Look, *, told_before: bool = False) -> list[Sighting]:
        """What is new, in the order in which it happened. `told_before`: an earlier Reader may have seen all of it."""
        course = self._courses.setdefault(native_id, _Course(self._before.get(native_id, 0)))
        found: list[Sighting] = []

        def tell(kind: SightingKind, stay: int, at: int, until: int | None = None) -> None:
            if (kind, stay) in course.told:
                return
            course.told.add((kind, stay))
            if kind in ("attempt_failed", "stalled"):
                course.attempt, course.failures = 0, min(course.failures + 1, look.failures)
            final = kind in ("discarded", "cancelled")
            found.append(
                Sighting(
                    id=f"{stay // 1000:017d}.{_ORDER.get(kind, _END)}-{native_id}",
                    job_key=job_key,
                    native_id=native_id,
                    kind=kind,
                    ts_ns=at,
                    until_ns=until,
                    err_type=look.err_type if final else None,
                    err_message=look.err_message if final else None,
                )
            )

        if look.enqueued is None:
            if look.status == "scheduled":
                tell("delayed", look.created, look.created, look.due)
            return found
        self._attempt_before(course, look, look.enqueued, native_id, tell, told_before=told_before)
        tell("available", look.enqueued, look.enqueued)
        # The times of a job that waits in the queue are those of its last stay.
        if look.started is not None and look.status != "queued":
            self._attempt(course, look, look.enqueued, look.started, tell)
        missed, course.failures = look.failures - course.failures, max(look.failures, course.failures)
        if missed <= 0 or told_before:
            return found
        self.missed.append(f"{count(missed, 'attempt')} of job {native_id} unseen: over before the next look")
        # That they failed is known, and that it was before this stay in the queue; when is not.
        return [_failed_unseen(job_key, native_id, look.enqueued, place) for place in range(missed, 0, -1)] + found

    def _attempt_before(
        self, course: _Course, look: Look, enqueued: int, native_id: str, tell: Callable[..., None], *, told_before: bool
    ) -> None:
        """How the attempt ended that was under way at the last look, as far as the hash still has it."""
        unknown, ended = look.failures - course.failures, look.ended
        returned = unknown == 1 and look.status != "scheduled"  # else it ended in this stay, and waits
        if returned and ended is not None and ended > enqueued:
            # A later attempt wrote its end over this one's. It was in the queue again by then, which is when it was over at the latest.
            ended = enqueued
        if course.attempt and course.attempt != enqueued and unknown <= 1:
            if ended is not None and ended >= course.started:
                tell("attempt_failed", course.attempt, ended)
            else:
                # Taken from its worker: nobody wrote down when. It was in the queue again by then.
                tell("stalled", course.attempt, enqueued)
        elif (
            unknown == 1 and look.status == "queued" and look.started is not None and look.ended is not None and look.ended >= look.started
        ):
            # It began and ended between two looks. An earlier Reader may have seen it begin.
            if not self._resumed:
                tell("started", look.started, look.started)
            tell("attempt_failed", look.started, ended)
        elif returned and not told_before and ended is not None and ended <= enqueued:
            # The next one has begun as well: when this one began is nowhere any more. That it failed is.
            tell("attempt_failed", enqueued - 1000, ended)
            self.missed.append(f"the beginning of an attempt of job {native_id} was gone before it could be seen")

    def _attempt(self, course: _Course, look: Look, enqueued: int, started: int, tell: Callable[..., None]) -> None:
        """The attempt of this stay, which may be over."""
        if ("started", enqueued) not in course.told:
            tell("started", enqueued, started)
            course.attempt, course.started = enqueued, started
        ended = look.ended if look.ended is not None and look.ended >= started else None
        if look.status == "finished" and ended is not None:
            tell("completed", enqueued, ended)
        elif look.status in ("failed", "stopped"):
            at = ended if ended is not None else look.result_at
            if at is not None:
                tell("discarded" if look.status == "failed" else "cancelled", enqueued, max(at, started))
        elif look.status == "scheduled":
            # RQ does not write down when it took a job from a dead worker; it is to wait from then on.
            given_back = ended if ended is not None else None if look.due is None else max(look.due - self._retry_delay, started)
            if given_back is not None:
                tell("attempt_failed" if ended is not None else "stalled", enqueued, given_back)
                tell("delayed", enqueued, given_back, look.due)


def _failed_unseen(job_key: str, native_id: str, enqueued: int, place: int) -> Sighting:
    """An attempt that failed before this stay in the queue, `place` attempts earlier."""
    at = enqueued - 1000 * place
    return Sighting(
        id=f"{at // 1000:017d}.{_END}-{native_id}", job_key=job_key, native_id=native_id, kind="attempt_failed", ts_ns=at, dated=False
    )
