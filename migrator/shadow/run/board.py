"""What a run knows about its jobs at the moment, for pacing, progress and judgement. The ledger, not this, is the record."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable

from migrator.shadow.ledger import Event, JobHistory, Kind, Outcome

_ENDS: tuple[Kind, ...] = ("completed", "discarded", "cancelled")
_OUTCOMES: tuple[Kind, ...] = (*_ENDS, "enqueue_failed", "presumed_lost")
_IN_STORE: tuple[Kind, ...] = ("available", "delayed", "started", "attempt_failed", "stalled")


#: jobs that have ended are remembered for what may still be heard of them: so many
REMEMBERED = 200_000
#: the newest of the times that jobs took, for knowing which are slow
AGES = 5_000


class JobState:
    """One job of an arm. Times are this process's monotonic clock, seconds."""

    def __init__(self, job_key: str, job_name: str, unit_key: str, *, since: float, deadline: float, delay: float) -> None:
        self.job_key, self.job_name, self.unit_key, self.since, self.deadline = job_key, job_name, unit_key, since, deadline
        self.ask_at = since + deadline + delay  #: when to look for it
        self.elsewhere = False  #: another process sends it
        self.native_id: str | None = None  #: what the enqueue returned
        self.copies: dict[str, Kind | None] = {}  #: id in the store -> how it ended, None while it is open
        self.sent = self.refused = self.lost = self.asked = False
        self.counted: Outcome | None = None  #: the class in which the board counts it
        self.ended = False  #: its end was told

    @property
    def open(self) -> bool:
        """Something is still to come, as far as anybody can tell."""
        if self.lost:
            return False
        return any(end is None for end in self.copies.values()) if self.copies else not self.refused

    @property
    def outcome(self) -> Outcome:
        """Its class in the conservation law, as far as it is known here."""
        if self.open:
            return "in_flight"
        ends = list(self.copies.values())
        if self.lost or not ends:
            return "presumed_lost" if self.lost else "enqueue_failed"
        return "completed" if "completed" in ends else "discarded" if "discarded" in ends else "cancelled"

    def open_ids(self) -> list[str | None]:
        """Ids of the copies that are open; None where no id is known."""
        known: list[str | None] = [native for native, end in self.copies.items() if end is None]
        return known if self.copies else [self.native_id]


class ArmBoard:
    """One arm's jobs. Safe to use from several threads."""

    def __init__(self, arm: str, *, answer_within: float) -> None:
        self.arm, self._answer_within = arm, answer_within
        self.counts: Counter[str] = Counter()  #: of jobs in each class of the conservation law, of all else what was told
        self.heard = time.monotonic()  #: when the store last had news
        self.asked: float | None = None  #: since when the store has owed an answer
        self.down_since: float | None = None  #: the store said that it cannot be reached
        self.workers_gone_since: float | None = None
        self.on_end: Callable[[str], None] | None = None  #: told the key of each job that ends, once the ledger has it
        self._open: dict[str, JobState] = {}
        self._over: OrderedDict[str, JobState] = OrderedDict()
        self._ages: deque[float] = deque(maxlen=AGES)
        self._lock = threading.Lock()

    def add(
        self, job_key: str, *, job_name: str, unit_key: str, deadline: float, delay: float = 0.0, age: float = 0.0, elsewhere: bool = False
    ) -> None:
        """A job was assigned, `age` seconds ago."""
        since = time.monotonic() - age
        state = JobState(job_key, job_name, unit_key, since=since, deadline=deadline, delay=delay)
        state.elsewhere = elsewhere
        with self._lock:
            self.counts["assigned"] += 1
            self._keep(state)

    def adopt(self, history: JobHistory, *, deadline: float, elsewhere: bool = False) -> None:
        """A job was assigned earlier, and this is what the ledger knows of it. It is given its time anew."""
        state = JobState(history.job_key, history.job_name, history.unit_key, since=time.monotonic(), deadline=deadline, delay=0.0)
        state.elsewhere, outcome = elsewhere, history.outcome
        state.sent = history.enqueued_ns is not None or outcome == "enqueue_failed"
        state.native_id = history.native_ids[0] if history.native_ids else None
        if outcome in _ENDS:
            state.copies = dict.fromkeys(history.native_ids or (history.job_key,), outcome)
        elif history.available_ns is not None or history.attempts:
            state.copies = dict.fromkeys(history.native_ids)
        state.lost, state.refused = outcome == "presumed_lost", outcome == "enqueue_failed"
        state.ended = outcome in _ENDS
        with self._lock:
            self.counts["assigned"] += 1
            self._keep(state)

    def note(self, job_key: str, kind: Kind, native_id: str | None, *, found: bool = False) -> None:
        """Something happened to a job. `found`: it was come upon later, so that how long the job took is not known here."""
        with self._lock:
            state = self.state(job_key)
            if state is not None and native_id is not None and kind in _ENDS and state.copies.get(native_id) == kind:
                return  # said before, by the store or by the worker
            if state is None and kind in _OUTCOMES:
                return  # counted when it comes to be known, or was counted when it was
            if kind not in _OUTCOMES:
                self.counts[kind] += 1
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
            # A store may tell a job's whole story again, once its id is known from elsewhere.
            ended = was_open and not state.open and kind in _ENDS and not state.ended
            state.ended = state.ended or ended
            if ended and not found:
                self._ages.append(time.monotonic() - state.since)
        if ended and self.on_end is not None:
            self.on_end(job_key)

    def told(self, events: Iterable[Event]) -> None:
        """What workers said of their attempts: that they came to an end. All else the store knows better."""
        for event in events:
            if event.source == "worker" and event.kind in _ENDS:
                self.note(event.job_key, event.kind, event.native_id)

    def drop_copy(self, job_key: str, native_id: str) -> None:
        """A copy is gone from the store, and another copy of the job has ended: nothing more is to come from this one."""
        with self._lock:
            state = self.state(job_key)
            if state is not None:
                state.copies.pop(native_id, None)
                self._keep(state)

    def state(self, job_key: str) -> JobState | None:
        """A job's state; None for one that was never assigned here, or has ended long ago."""
        return self._open.get(job_key) or self._over.get(job_key)

    def open_jobs(self) -> list[JobState]:
        """Jobs whose end is still to come."""
        with self._lock:
            return list(self._open.values())

    def slow(self) -> float:
        """Seconds that 999 in 1000 of the newest jobs took at most; 0 where none has ended."""
        with self._lock:
            ages = sorted(self._ages)
        return ages[int(0.999 * (len(ages) - 1))] if ages else 0.0

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
        key, outcome = state.job_key, state.outcome
        if outcome != state.counted:
            self.counts.subtract(() if state.counted is None else (state.counted,))
            self.counts[outcome] += 1
            state.counted = outcome
        if state.open:
            self._open[key] = state
            self._over.pop(key, None)
            return
        self._over[key] = state
        self._open.pop(key, None)
        if len(self._over) > REMEMBERED:
            self._over.popitem(last=False)


def patience(deadline: float, slow: float) -> float:
    """How old a job must be before it is looked for: its deadline, or three times what `slow` jobs of its arm took, whichever is more.

    >>> patience(60.0, 5.0), patience(60.0, 40.0)
    (60.0, 120.0)
    """
    return max(deadline, 3 * slow)
