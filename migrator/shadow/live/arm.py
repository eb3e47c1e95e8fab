"""One arm of live traffic: its observers, its workers if the file names any, and what is known of its jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from migrator.shadow.config.reading import Loaded
from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.ledger import ArmRecord, Event, Ledger
from migrator.shadow.live.channels import open_channels
from migrator.shadow.routing import Split
from migrator.shadow.run.arm import role_of, unreachable
from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.chronicle import Chronicle
from migrator.shadow.run.observer import Observer
from migrator.shadow.run.staff import Staff

#: seconds for which news of a job wait for its assignment, which comes another way
FORESIGHT = 5.0
#: of a job that the file no longer speaks of
DEADLINE = 60.0


class LiveArm:
    """Made, then `reach`, `adopt`, its staff started, `begin`; at the end `finish`."""

    def __init__(
        self, name: str, loaded: Loaded, ledger: Ledger, epoch: int, *, ledger_id: str, on_failure: Callable[[Exception], None]
    ) -> None:
        self.name, self._loaded, self._ledger, self._on_failure = name, loaded, ledger, on_failure
        experiment = loaded.experiment
        self._timeouts = experiment.timeouts
        self._deadlines = {job.name: job.deadline for job in experiment.jobs}
        self.channels = open_channels(loaded, name, ledger_id)
        self._channel_of = {job: channel for channel in self.channels for job in channel.inspectors}
        self.board = ArmBoard(name, answer_within=3 * self._timeouts.enqueue)
        self.chronicle = Chronicle(
            ledger,
            self.board,
            experiment=experiment.experiment.name,
            epoch=epoch,
            role=role_of(loaded, name),
            by_queue=self.channels[0].by_queue,
            since_ns=min((epoch.started_ns for epoch in ledger.epochs()), default=time.time_ns()),
        )
        self.staff = Staff(name, loaded, self.chronicle)
        self._observers: list[Observer] = []

    def record(self, split: Split) -> ArmRecord:
        """The arm as the ledger keeps it, with its part of what is routed now."""
        experiment = self._loaded.experiment
        attempts = {job.max_attempts for job in experiment.jobs}
        return ArmRecord(
            arm=self.name,
            system=experiment.arms[self.name].system,
            role=role_of(self._loaded, self.name),
            ranges=split.ranges(self.name),
            max_attempts=attempts.pop() if len(attempts) == 1 else None,
            slots=experiment.arms[self.name].slots,
            transactional=self.channels[0].observing.transactional,
        )

    def follow(self, loaded: Loaded) -> None:
        """The file has changed, in nothing that the arm's stores are watched by."""
        self._loaded = loaded
        self._deadlines = {job.name: job.deadline for job in loaded.experiment.jobs}

    def reach(self) -> None:
        """See that the store answers; raises MigratorError when it does not."""
        try:
            for channel in self.channels:
                channel.observing.health()
        except StoreDown as error:
            raise unreachable(self._loaded, self.name, error) from error

    def adopt(self) -> None:
        """Take over the jobs that earlier runs left open or gave up."""
        for history in self._ledger.unsettled(self.name):
            if history.assigned_ns is not None:
                self.board.adopt(history, deadline=self._deadlines.get(history.job_name, DEADLINE), elsewhere=True)
                if history.outcome == "in_flight":
                    self._expect(history.job_key, history.job_name, history.native_ids[0] if history.native_ids else None)
            else:
                first = min((at for at in (history.available_ns, history.terminal_ns) if at is not None), default=time.time_ns())
                self.chronicle.unassigned[history.job_key] = first

    def begin(self) -> None:
        """Observe from here on, or from where an earlier run had got to."""
        try:
            for channel in self.channels:
                driver = channel.observing
                health = driver.health()
                cursor = driver.watch(self._ledger.cursor(channel.name))
                # Kept at once: a run that is killed before it has observed anything is gone on with from here.
                self._ledger.record([], cursor=(channel.name, cursor))
                self.chronicle.compared(health)
                observer = Observer(
                    driver,
                    self.chronicle,
                    cursor=cursor,
                    on_failure=self._on_failure,
                    inspectors=channel.inspectors,
                    channel=channel.name,
                    foresight=FORESIGHT,
                )
                self._observers.append(observer)
                observer.start()
        except StoreDown as error:
            raise unreachable(self._loaded, self.name, error) from error

    def heard(self, events: Iterable[Event]) -> None:
        """What the application's processes said, once it is in the ledger."""
        for event in events:
            if event.kind == "assigned":
                self._assigned(event)
                continue
            if event.source == "worker":
                self.board.told((event,))
                continue
            self.board.note(event.job_key, event.kind, event.native_id)
            if event.kind == "enqueue_ok":
                self._expect(event.job_key, event.job_name, event.native_id)

    def make_up(self, most: int) -> int:
        """Put up to so many jobs on the books that were seen and assigned by nobody, once their assignments had their time to come."""
        unassigned, done = self.chronicle.unassigned, 0
        for key in list(unassigned):
            if self.board.state(key) is not None or self.chronicle.beside_us(key):
                del unassigned[key]
                continue
            if time.time_ns() - unassigned[key] <= self._timeouts.assignment * 1e9:
                continue
            self.chronicle.claimed(key)
            if done < most:
                self.chronicle.assigned_by_somebody(key)
                if (history := self._ledger.job(self.name, key)) is not None:
                    self.board.adopt(history, deadline=DEADLINE, elsewhere=True)
                done += 1
        return done

    def finish(self, *, over: bool) -> None:
        """Read the last news. With `over`, leave nothing in the store: nobody will go on."""
        patience = 3 * self._timeouts.enqueue
        hung = [not observer.finish(patience, look_for_all=over) for observer in self._observers]
        if any(hung):
            # A thread still waits for the store: to close its connection would be to wait with it.
            self.chronicle.mark("store_down", "it hung when the run ended")
            return
        for channel in self.channels:
            if over:
                try:
                    channel.observing.unwatch()
                except StoreDown as error:
                    self.chronicle.mark("store_down", f"what was put there for watching could not be taken out: {error}")
            for driver in channel.drivers():
                driver.close()

    def _assigned(self, event: Event) -> None:
        key, deadline = event.job_key, self._deadlines.get(event.job_name, DEADLINE)
        if self.board.state(key) is None:
            age = (time.time_ns() - event.ts_ns) / 1e9
            history = self._ledger.job(self.name, key) if age > FORESIGHT / 2 else None
            if history is not None and (history.available_ns is not None or history.attempts or history.outcome != "in_flight"):
                # So late that what became of it is written down already.
                self.board.adopt(history, deadline=deadline, elsewhere=True)
            else:
                delay = (event.until_ns - event.ts_ns) / 1e9 if event.until_ns is not None else 0.0
                self.board.add(
                    key, job_name=event.job_name, unit_key=event.unit_key, deadline=deadline, delay=delay, age=max(0.0, age), elsewhere=True
                )
        self.chronicle.claimed(key)
        self._expect(key, event.job_name, event.native_id)

    def _expect(self, job_key: str, job_name: str, native_id: str | None) -> None:
        if channel := self._channel_of.get(job_name):
            channel.observing.expect(job_key, native_id)


def make_up_all(arms: Mapping[str, LiveArm], ledger: Ledger) -> dict[str, int]:
    """Processes that were killed have lost assignments: no more jobs are made up for than events are missing, over all runs.

    Returns arm -> so many, of those where there were any.
    """
    if not any(arm.chronicle.unassigned for arm in arms.values()):
        return {}
    left, found = sum(ledger.missing_sequences().values()) - ledger.made_up(), dict[str, int]()
    for name, arm in arms.items():
        if done := arm.make_up(left):
            found[name] = done
            left -= done
    return found
