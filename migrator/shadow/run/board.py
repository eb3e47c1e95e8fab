"""What a run knows about its jobs at the moment, for pacing, progress and judgement. The ledger, not this, is the record."""

from __future__ import annotations

import threading
import time
from bisect import insort
from collections import Counter
from collections.abc import Iterable

from migrator.shadow.ledger import Kind

_ENDS: tuple[Kind, ...] = ("completed", "discarded", "cancelled")
_IN_STORE: tuple[Kind, ...] = ("available", "delayed", "started", "attempt_failed", "stalled")


class JobState:
    """One job of an arm. Times are this process's monotonic clock, seconds."""

    def __init__(self, job_key: str, since: float, patience: float) -> None:
        self.job_key, self.since = job_key, since
        self.ask_at = since + patience  #: when to look for it
        self.native_id: str | None = None  #: what the enqueue returned
        self.copies: dict[str, Kind | None] = {}  #: id in the store -> how it ended, None while it is open
        self.sent = self.refused = self.lost = self.asked = False

    @property
    def open(self) -> bool:
        """Something is still to come, as far as anybody can tell."""
        if self.lost:
            return False
        return any(end is None for end in self.copies.values()) if self.copies else not self.refused

    def open_ids(self) -> list[str | None]:
        """Ids of the copies that are open; None where no id is known."""
        known: list[str | None] = [native for native, end in self.copies.items() if end is None]
        return known if self.copies else [self.native_id]


class ArmBoard:
    """One arm's jobs. Safe to use from several threads."""

    def __init__(self, arm: str, *, answer_within: float) -> None:
        self.arm, self._answer_within = arm, answer_within
        self.counts: Counter[str] = Counter()
        self.heard = time.monotonic()  #: when the store last had news
        self.asked: float | None = None  #: since when the store has owed an answer
        self.down_since: float | None = None  #: the store said that it cannot be reached
        self.workers_gone_since: float | None = None
        self._jobs: dict[str, JobState] = {}
        self._open: dict[str, JobState] = {}
        self._ages: list[float] = []
        self._lock = threading.Lock()

    def add(self, job_key: str, *, patience: float, native_id: str | None = None, copies: Iterable[str] = ()) -> None:
        """A job was assigned: now, or by an earlier run, which may have sent it (`native_id`) and seen these `copies` of it."""
        with self._lock:
            state = self._jobs[job_key] = JobState(job_key, time.monotonic(), patience)
            state.native_id, state.sent = native_id, native_id is not None
            state.copies = dict.fromkeys(copies)
            self._open[job_key] = state
            self.counts["assigned"] += 1

    def note(self, job_key: str, kind: Kind, native_id: str | None) -> None:
        """Something happened to a job."""
        with self._lock:
            self.counts[kind] += 1
            state = self._jobs.get(job_key)
            if state is None:
                return
            was_open = state.open
            if kind == "enqueue_ok":
                state.sent, state.native_id = True, native_id
            elif kind == "enqueue_failed":
                state.sent = state.refused = True
            elif kind == "presumed_lost":
                state.lost = True
            elif kind in _IN_STORE and native_id is not None:
                state.copies[native_id] = None
                state.lost = False
            elif kind in _ENDS and native_id is not None:
                state.copies[native_id] = kind
                state.lost = False
            self._keep(state)
            if was_open and not state.open and kind in _ENDS:
                insort(self._ages, time.monotonic() - state.since)

    def drop_copy(self, job_key: str, native_id: str) -> None:
        """A copy is gone from the store, and another copy of the job has ended: nothing more is to come from this one."""
        with self._lock:
            state = self._jobs[job_key]
            state.copies.pop(native_id, None)
            self._keep(state)

    def state(self, job_key: str) -> JobState | None:
        """A job's state."""
        return self._jobs.get(job_key)

    def open_jobs(self) -> list[JobState]:
        """Jobs whose end is still to come."""
        with self._lock:
            return list(self._open.values())

    def patience(self, deadline: float) -> float:
        """How old a job must be before it is looked for: its deadline, or three times what 999 in 1000 jobs of this arm took.

        Whichever is more.
        """
        with self._lock:
            slow = self._ages[int(0.999 * (len(self._ages) - 1))] if self._ages else 0.0
        return max(deadline, 3 * slow)

    @property
    def unreachable_since(self) -> float | None:
        """Since when the store has not answered, be it that it cannot be reached or that it hangs; None while it answers."""
        asked = self.asked
        hangs = asked is not None and time.monotonic() - asked > self._answer_within
        return self.down_since if self.down_since is not None else asked if hangs else None

    def silent_for(self) -> float:
        """Seconds since the arm could last be expected to make progress: 0 while store and workers are there."""
        since = [moment for moment in (self.unreachable_since, self.workers_gone_since) if moment is not None]
        return time.monotonic() - max(min(since), self.heard) if since else 0.0

    def _keep(self, state: JobState) -> None:
        if state.open:
            self._open[state.job_key] = state
        else:
            self._open.pop(state.job_key, None)
