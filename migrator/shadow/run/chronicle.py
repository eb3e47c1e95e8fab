"""Turns what the run does and sees into events, and writes them down. Nothing counts as having happened before it is in the ledger."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import msgspec

from migrator.shadow.drivers.interface import Health, Observation, Record, Sighting
from migrator.shadow.ledger import Event, Kind, Ledger, Mark, MarkKind, Role, Source, offset_of
from migrator.shadow.ledger.event import found_id
from migrator.shadow.newest import Newest
from migrator.shadow.routing import Decision
from migrator.shadow.run.board import ArmBoard
from migrator.shadow.workload import PlannedJob

#: jobs of an earlier ledger that are remembered
EARLIER = 100_000
#: nanoseconds by which the clocks of two machines that are kept in step may differ
IN_STEP = 10**8
#: name of a job of which only the store tells
UNKNOWN = "(not known)"


class Chronicle:
    """Writes one arm's events and keeps its board. Used by the run, the arm's lane and the arm's observers at once.

    `since_ns`: what happened earlier to jobs that nobody assigned belongs to an earlier ledger, whose jobs the store still has.
    `epoch` may be set anew while the run goes on. `by_queue`: what happens is numbered in every queue of the arm on its own.
    """

    def __init__(
        self, ledger: Ledger, board: ArmBoard, *, experiment: str, epoch: int, role: Role, by_queue: bool = False, since_ns: int = 0
    ) -> None:
        self.ledger, self.board, self.epoch = ledger, board, epoch
        self._experiment, self._role, self._by_queue, self._since_ns = experiment, role, by_queue, since_ns
        self._earlier: OrderedDict[str, None] = OrderedDict()
        self._offset_ns = 0
        self._ahead = 0  #: times that lay in our future
        self._lock = threading.Lock()  # for the two that follow
        self._kept = Newest[str, tuple[Sighting, ...]](EARLIER)  #: what was read of jobs that may be another arm's
        self._settled = Newest[str, bool](EARLIER)  #: jobs that are on no board any more -> whether they are ours
        self.beside: tuple[ArmBoard, ...] = ()  #: other arms of the same system in the same store; a job is in one of them only
        self.takes_strangers = True  #: of several arms in one store one has the jobs that nobody assigned
        self.unassigned: dict[str, int] = {}  #: jobs that were seen here and assigned by nobody -> when they were seen first

    def assigned(self, job: PlannedJob, job_key: str, decision: Decision, *, job_name: str, deadline: float) -> None:
        """A job was routed here."""
        event = self._event(
            job_key,
            "assigned",
            "dispatcher",
            unit_key=job.unit_key,
            job_name=job_name,
            bytes=len(msgspec.json.encode(job.payload)),
            reason=f"{decision.reason}: bucket {decision.bucket}",
            label=job.label,
        )
        self.ledger.record([event])
        self.board.add(job_key, job_name=job_name, unit_key=job.unit_key, deadline=deadline, delay=job.delay)

    def assigned_by_somebody(self, job_key: str) -> None:
        """A job was seen whose assignment was lost with the process that made it. It is on the books, and compared with nothing."""
        at = self.unassigned.pop(job_key)
        known = {"reason": "failed: its assignment was lost with its process", "job_name": UNKNOWN, "ts_ns": at}
        # The id is the one that the assignment had: should it turn up after all, there are no two.
        self.ledger.record([self._event(job_key, "assigned", "runner", **known)])

    def enqueued(self, job_key: str, native_id: str | None, elapsed_ns: int | None) -> None:
        """The store took a job."""
        self._write(self._event(job_key, "enqueue_ok", "dispatcher", native_id=native_id, elapsed_ns=elapsed_ns))

    def refused(self, job_key: str, error: Exception, elapsed_ns: int | None) -> None:
        """The store did not take a job, or nobody can tell whether it did; if it did, what it says about the job later decides."""
        problem = {"err_type": type(error).__name__, "err_message": str(error)}
        self._write(self._event(job_key, "enqueue_failed", "dispatcher", elapsed_ns=elapsed_ns, **problem))

    def never_sent(self, job_key: str) -> None:
        """Another process was to send a job, said no more of it, and the store does not know it."""
        problem = {
            "err_type": "NeverSent",
            "err_message": "nothing was heard of its enqueue, and its system does not know it",
        }
        self._write(self._event(job_key, "enqueue_failed", "runner", **problem))

    def compared(self, health: Health) -> None:
        """The store's clock against ours."""
        self._offset_ns = offset_of(health.clock)
        self.mark("clock", health.server, offset_ns=health.clock.offset_ns, rtt_ns=health.clock.rtt_ns)

    def heard(self, observation: Observation) -> None:
        """To be called as soon as it is read. What has happened has happened by now: a time that is still to come is of a wrong clock."""
        now = time.time_ns()
        leads = [lead for each in observation.sightings if each.dated and (lead := each.ts_ns - self._offset_ns - now) > IN_STEP]
        if leads:
            before, self._ahead = self._ahead, self._ahead + len(leads)
            # The first, and then each time that there are twice as many.
            if self._ahead.bit_length() > before.bit_length():
                self.mark("clock_ahead", lead_ns=max(leads), events=self._ahead)

    def to_come(self, job_key: str) -> bool:
        """Whether nobody is known to have assigned the job."""
        return self.board.state(job_key) is None and not self.beside_us(job_key)

    def waited_for(self, job_key: str) -> bool:
        """Whether news of a job that nobody assigned have come before: its assignment was waited for then, and is not waited for again."""
        return job_key in self.unassigned or job_key in self._earlier or job_key in self._kept

    def observed(self, observation: Observation, channel: str = "") -> None:
        """What the store had to say since the last time. `channel`: which of the arm's cursors it moves on; empty: the only one."""
        events: list[Event] = []
        known: dict[str, set[str]] = {}
        for sighting in observation.sightings:
            if self._is_earlier(sighting) or self._is_kept_back(sighting):
                continue
            if self.board.state(sighting.job_key) is None and len(self.unassigned) < EARLIER:
                self.unassigned.setdefault(sighting.job_key, sighting.ts_ns)
            events += self._news_of(sighting, known)
            events.append(self._sighted(sighting))
        self._write_down(events, cursor=(channel or self.board.arm, observation.cursor))
        if observation.sightings:
            self.board.heard = time.monotonic()
        if observation.gap:
            self.mark("gap", observation.gap)

    def found_ended(self, job_key: str, native_id: str | None, record: Record, kind: Kind) -> None:
        """A job had ended without our seeing it. Where the store does not say when, only that it ended is written down."""
        at = record.ended_ns
        if at is None:
            event = self._event(job_key, kind, "runner", native_id=native_id, err_message=record.err_message)
        else:
            event = self._event(job_key, kind, "store", native_id=native_id, err_message=record.err_message, ts_ns=at, clock="store")
        event = msgspec.structs.replace(event, event_id=found_id(self.board.arm, job_key, native_id, kind))
        self._write(event, native_id or job_key, found=True)

    def judged(self, job_key: str, kind: Kind) -> None:
        """Our own conclusion about a job: overdue, presumed lost."""
        self._write(self._event(job_key, kind, "runner"))

    def mark(self, kind: MarkKind, text: str = "", **data: int | float | str | None) -> None:
        """Something about the arm as a whole."""
        self.ledger.mark(Mark(kind=kind, ts_ns=time.time_ns(), arm=self.board.arm, text=text, data=data))

    def _write_down(self, events: list[Event], *, cursor: tuple[str, str] | None = None) -> None:
        if events or cursor is not None:
            self.ledger.record(events, cursor=cursor)
        for event in events:
            self.board.note(event.job_key, event.kind, event.native_id)

    def _write(self, event: Event, native_id: str | None = None, *, found: bool = False) -> None:
        self.ledger.record([event])
        self.board.note(event.job_key, event.kind, native_id or event.native_id, found=found)

    def beside_us(self, job_key: str) -> bool:
        """Whether the job is that of another arm in our store."""
        return any(board.state(job_key) is not None for board in self.beside)

    def claimed(self, job_key: str) -> None:
        """The job turns out to be ours, as far as anybody can tell: what was read of it before is written down."""
        with self._lock:
            kept = self._kept.pop(job_key, ())
        self._write_down([event for sighting in kept for event in (*self._news_of(sighting, {}), self._sighted(sighting))])

    def _is_kept_back(self, sighting: Sighting) -> bool:
        """In a store of several arms, what is read of another's job is nothing to us; of a job that nobody has assigned yet it is kept."""
        key = sighting.job_key
        if not self.beside:
            return False
        with self._lock:
            if self.board.state(key) is not None:
                return False
            if self.beside_us(key):
                self._kept.pop(key, None)
                return True
            if key not in self._settled:
                owners = [board.arm for board in (self.board, *self.beside) if (job := self.ledger.job(board.arm, key)) and job.assignments]
                if not owners:
                    self._kept[key] = (*self._kept.get(key, ()), sighting)
                    if self.takes_strangers:
                        self.unassigned.setdefault(key, sighting.ts_ns)
                    return True
                self._settled[key] = self.board.arm in owners
            return not self._settled[key]

    def _is_earlier(self, sighting: Sighting) -> bool:
        key = sighting.job_key
        if self.board.state(key) is not None or (sighting.ts_ns >= self._since_ns and key not in self._earlier):
            return False
        self._earlier[key] = None
        if len(self._earlier) > EARLIER:
            self._earlier.popitem(last=False)
        return True

    def _news_of(self, sighting: Sighting, known: dict[str, set[str]]) -> list[Event]:
        """What a sighting tells beyond itself: a second copy of the job, or a job that was thought lost."""
        state = self.board.state(sighting.job_key)
        if state is None:
            return []
        ids = known.setdefault(sighting.job_key, set(state.copies))
        news: list[Event] = []
        if ids and sighting.native_id not in ids:
            copy = self._event(sighting.job_key, "duplicate", "runner", native_id=sighting.native_id)
            news.append(msgspec.structs.replace(copy, event_id=f"{self.board.arm}:{sighting.job_key}:duplicate:{sighting.native_id}"))
        ids.add(sighting.native_id)
        if state.lost:
            news.append(self._event(sighting.job_key, "found_late", "runner"))
        return news

    def _sighted(self, sighting: Sighting) -> Event:
        event = self._event(
            sighting.job_key,
            sighting.kind,
            # An end without a time is our finding, not the store's statement: the ledger dates nothing by it.
            "store" if sighting.dated else "runner",
            ts_ns=sighting.ts_ns,
            clock="store",
            native_id=sighting.native_id,
            until_ns=sighting.until_ns,
            err_type=sighting.err_type,
            err_message=sighting.err_message,
        )
        where = f":{sighting.native_id}" if self._by_queue else ""
        return msgspec.structs.replace(event, event_id=f"{self.board.arm}:{sighting.id}{where}")

    def _event(self, job_key: str, kind: Kind, source: Source, **fields: object) -> Event:
        state = self.board.state(job_key)
        common: dict[str, object] = {
            "event_id": f"{self.board.arm}:{job_key}:{kind}",
            "experiment": self._experiment,
            "config_epoch": self.epoch,
            "job_key": job_key,
            "unit_key": state.unit_key if state else "",
            "job_name": state.job_name if state else "",
            "arm": self.board.arm,
            "role": self._role,
            "kind": kind,
            "ts_ns": time.time_ns(),
            "clock": "host",
            "source": source,
            "mono_ns": time.monotonic_ns(),
        }
        return msgspec.convert({**common, **fields}, Event)
