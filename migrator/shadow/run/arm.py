"""One arm of a run: its driver, its lane in, its observer out, its workers, and what is known of its jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from migrator.errors import MigratorError
from migrator.shadow.arm_target import target_of
from migrator.shadow.config.experiment import Job
from migrator.shadow.config.reading import Loaded
from migrator.shadow.drivers import open_driver
from migrator.shadow.drivers.interface import StoreDown, Target
from migrator.shadow.ledger import ArmRecord, Event, Ledger, Role
from migrator.shadow.routing import Decision
from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.chronicle import Chronicle
from migrator.shadow.run.lane import Handed, Lane
from migrator.shadow.run.observer import Observer
from migrator.shadow.run.staff import Staff
from migrator.shadow.workload import PlannedJob


class RunningArm:
    """Made, then `reach`, its staff started, `begin`; at the end its workers stopped, and `finish`."""

    def __init__(self, name: str, loaded: Loaded, ledger: Ledger, epoch: int, *, on_failure: Callable[[Exception], None]) -> None:
        experiment = loaded.experiment
        self.name, self._loaded, self._ledger, self._on_failure = name, loaded, ledger, on_failure
        job = experiment.jobs[0]
        self._spec, self._timeouts = experiment.arms[name], experiment.timeouts
        self._job_name, self._deadline = job.name, job.deadline
        self.driver = open_driver(self._spec.system, target(loaded, name, job, ledger.ledger_id), loaded.options[name])
        self.board = ArmBoard(name, answer_within=3 * self._timeouts.enqueue)
        self.chronicle = Chronicle(
            ledger,
            self.board,
            experiment=experiment.experiment.name,
            epoch=epoch,
            role=role_of(loaded, name),
        )
        self.lane = Lane(self.driver, self.chronicle, ledger_id=ledger.ledger_id, on_failure=on_failure)
        self._observer: Observer | None = None
        self.staff = Staff(name, loaded, self.chronicle)

    def heard(self, events: Iterable[Event]) -> None:
        """What the hooks in its workers told, once it is in the ledger."""
        self.board.told(events)

    def record(self) -> ArmRecord:
        """The arm as the ledger keeps it."""
        return ArmRecord(
            arm=self.name,
            system=self._spec.system,
            role=role_of(self._loaded, self.name),
            ranges=self._loaded.split.ranges(self.name),
            max_attempts=self._loaded.experiment.jobs[0].max_attempts,
            slots=self._spec.slots,
            transactional=self.driver.transactional,
        )

    def reach(self) -> None:
        """See that the store answers; raises MigratorError when it does not."""
        try:
            self.driver.health()
        except StoreDown as error:
            raise unreachable(self._loaded, self.name, error) from error

    def begin(self) -> None:
        """Observe from here on, and send what is handed to the lane."""
        try:
            health = self.driver.health()
            cursor = self.driver.watch(self._ledger.cursor(self.name))
        except StoreDown as error:
            raise unreachable(self._loaded, self.name, error) from error
        # Kept at once: a run that is killed before it has observed anything is gone on with from here.
        self._ledger.record([], cursor=(self.name, cursor))
        self.chronicle.compared(health)
        self._observer = Observer(self.driver, self.chronicle, cursor=cursor, on_failure=self._on_failure)
        self._observer.start()
        self.lane.start()

    def adopt(self) -> dict[str, bool]:
        """Take over the jobs of an earlier run. Returns job key -> whether it must be sent (again)."""
        known: dict[str, bool] = {}
        for history in self._ledger.jobs(self.name):
            seen = history.available_ns is not None or bool(history.attempts)
            self.board.adopt(history, deadline=self._deadline)
            unsent = known[history.job_key] = history.outcome == "in_flight" and history.enqueued_ns is None and not seen
            if history.outcome == "in_flight" and not unsent:
                self.driver.expect(history.job_key, history.native_ids[0] if history.native_ids else None)
        return known

    def send(self, job: PlannedJob, job_key: str, decision: Decision, *, again: bool = False) -> None:
        """Put a job on its way; one that was assigned already (`again`) is not written down anew."""
        if not again:
            self.chronicle.assigned(job, job_key, decision, job_name=self._job_name, deadline=self._deadline)
        self.lane.put(Handed(job, job_key, again))

    @property
    def given_up(self) -> bool:
        """Its store or its workers have been gone for so long that waiting for it makes no sense."""
        return self.board.silent_for() > self._timeouts.silence

    @property
    def done(self) -> bool:
        """Nothing is waited for any more."""
        return self.given_up or (self.lane.idle and not self.board.open_jobs())

    def finish(self, *, over: bool) -> None:
        """Read the last news. With `over`, account for every open job and leave nothing in the store; else a later run can go on."""
        if self._observer is None:
            return
        calls = self._timeouts.enqueue * (1 if self.board.unreachable_since is not None else 3)
        sent = self.lane.finish(calls, final=over)
        looked = self._observer.finish(calls + 0.1 * len(self.board.open_jobs()), look_for_all=over)
        if not (sent and looked):
            # A thread still waits for the store: to close its connection would be to wait with it.
            self.chronicle.mark("store_down", "it hung when the run ended")
            return
        if over:
            try:
                self.driver.unwatch()
            except StoreDown as error:
                self.chronicle.mark("store_down", f"what was put there for watching could not be taken out: {error}")
        self.driver.close()

    def let_go(self) -> None:
        """Of a store that was reached for a run that did not begin."""
        if self._observer is None:
            self.driver.close()


def role_of(loaded: Loaded, arm: str) -> Role:
    """What an arm is there for."""
    if arm == loaded.experiment.experiment.current:
        return "current"
    return "noise" if loaded.experiment.arms[arm].noise else "candidate"


def unreachable(loaded: Loaded, arm: str, error: StoreDown) -> MigratorError:
    """What is said where the store of an arm does not answer as a run begins."""
    return MigratorError(
        f"the store of arm `{arm}` cannot be reached: {error}",
        place=loaded.place("arms", arm, "connection"),
        remedy=f"Start it, or set {loaded.experiment.arms[arm].connection} to where it is.",
    )


def target(loaded: Loaded, name: str, job: Job, ledger_id: str) -> Target:
    """Where a job goes in an arm. Raises MigratorError where the address is not set."""
    return target_of(
        name,
        loaded.experiment.arms[name],
        job,
        ledger_id=ledger_id,
        timeout=loaded.experiment.timeouts.enqueue,
        file=loaded.file,
        place=loaded.place("arms", name, "connection"),
    )
