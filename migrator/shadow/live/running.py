"""A run on the application's own traffic, from its file until somebody ends it. Killed and started again, it goes on where it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded
from migrator.shadow.identity import experiment_id
from migrator.shadow.ledger import Ledger, Mark
from migrator.shadow.live.arm import LiveArm, make_up_all
from migrator.shadow.live.belonging import check_ledger
from migrator.shadow.live.caretaking import caretaker
from migrator.shadow.live.collector import CollectorThread
from migrator.shadow.live.following import Follower
from migrator.shadow.live.judging import Judge
from migrator.shadow.live.keeping import keeper
from migrator.shadow.live.replaying import Replayer
from migrator.shadow.live.steering import Steering
from migrator.shadow.run.interruption import on_interrupt
from migrator.shadow.run.looking_round import LookingRound
from migrator.shadow.run.neighbours import introduce
from migrator.shadow.run.outcome import End, RunOutcome, outcome_of
from migrator.shadow.run.running import View
from migrator.shadow.run.staff import start_all
from migrator.shadow.run.workers import stop_all
from migrator.shadow.summary import ExperimentSummary
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.interface import Inlet
from migrator.shadow.wording import count

TICK = 0.2
#: seconds between two looks for jobs that nobody assigned
MAKE_UP = 5.0


def run_live(
    loaded: Loaded,
    ledger: Ledger,
    view: View,
    *,
    inlet: Inlet,
    reader: Callable[[], Ledger],
    logs: Path,
    seconds: float | None = None,
    last: bool = False,
) -> RunOutcome:
    """Collect, observe, judge and steer until interrupted, or for so many seconds; after the `last` run nothing is left in the stores.

    `ledger` is written to by nobody else; `reader` opens it once more, for judging beside it.

    Raises:
        MigratorError: a store cannot be reached at the beginning, or the ledger cannot be written.
    """
    judge = Judge(reader)
    run = _LiveRun(loaded, ledger, view, inlet, judge, logs, last=last)
    try:
        return run.run(seconds)
    finally:
        stop_all([worker for arm in run.arms.values() for worker in arm.staff.workers])
        judge.close(view.say)


class _LiveRun:
    def __init__(
        self,
        loaded: Loaded,
        ledger: Ledger,
        view: View,
        inlet: Inlet,
        judge: Judge,
        logs: Path,
        *,
        last: bool,
    ) -> None:
        self._loaded, self._ledger, self._view, self._judge, self._logs = loaded, ledger, view, judge, logs
        self._last = last
        self._stop = threading.Event()
        self._steering_lock = threading.Lock()
        self._failure: Exception | None = None
        self._looking = LookingRound(view.say)
        self._answers: dict[str, str] = {}
        self._told_trouble = ""
        self._looked_at = self._made_up_at = 0.0
        self._epochs = ledger.epochs()
        check_ledger(loaded, ledger, self._epochs)
        self._steering = Steering(loaded, ledger, view.say)
        self._follower = Follower(loaded)
        self._replayer = Replayer.of(loaded, ledger, self._fail)
        self.arms: dict[str, LiveArm] = {}
        self.arms = self._make(loaded)
        self._begin_epoch()
        collector = Collector(inlet, ledger, self._epoch_of)
        self._collector = CollectorThread(collector, lambda: self.arms, place=inlet.place, say=view.say, on_failure=self._fail)
        self._inlet = inlet

    def run(self, seconds: float | None) -> RunOutcome:
        for arm in self.arms.values():
            arm.reach()
        self._steering.begin()
        self._adopt()
        start_all([arm.staff for arm in self.arms.values()], self._logs, self._view.say)
        self._ledger.mark(Mark(kind="run_started", ts_ns=time.time_ns(), text="resumed" if self._ledger.marks(kind="run_started") else ""))
        with on_interrupt(self._stop):
            try:
                # First: the stores have news of jobs that were assigned while nobody watched.
                self._collector.start()
                if self._replayer is not None:
                    self._replayer.start()
                for arm in self.arms.values():
                    arm.begin()
                self._view.say(f"watching {', '.join(self.arms)}; Ctrl-C ends it, and it can be gone on with")
                with caretaker(self._loaded), keeper(self._ledger, self._loaded.experiment.ledger.keep_days, self._view.say):
                    self._go(None if seconds is None else time.monotonic() + seconds)
            finally:
                self._wind_up()
        if self._failure:
            raise self._failure
        return outcome_of(self._ledger, self._end)

    def _go(self, until: float | None) -> None:
        while self._failure is None and (until is None or time.monotonic() < until):
            if self._stop.wait(TICK):
                return
            self._looking.look(self.arms.values())
            if time.monotonic() >= self._looked_at + self._loaded.experiment.routing.poll:
                self._looked_at = time.monotonic()
                self._follow()
                self._steer()
            if time.monotonic() >= self._made_up_at + MAKE_UP:
                self._made_up_at = time.monotonic()
                self._make_up()
            if (summary := self._judge.answer()) is not None:
                self._judged(summary)
            if (trouble := self._judge.trouble) != self._told_trouble:
                self._told_trouble = trouble
                if trouble:
                    self._view.say(f"nothing can be judged, and the ramp stays where it is: {trouble}")
            self._view.update([arm.board for arm in self.arms.values()], 0)

    def _make_up(self) -> None:
        for arm, done in make_up_all(self.arms, self._ledger).items():
            self._view.say(f"arm {arm}: {count(done, 'job')} whose assignment was lost with a killed process now on the books")

    def _judged(self, summary: ExperimentSummary) -> None:
        """Say what is new, and take the ramp where it is to go."""
        for verdict in summary.verdicts:
            if self._answers.get(verdict.arm) != verdict.answer:
                self._answers[verdict.arm] = verdict.answer
                self._view.say(f"{verdict.arm}: {verdict.answer}. {verdict.reason}")
        with self._steering_lock:
            if self._steering.judged(summary):
                self._begin_epoch()

    def _follow(self) -> None:
        """The file, where it has changed: what is right in it holds from now on, what is wrong is said once."""
        try:
            found = self._follower.look()
            if found is None:
                return
            if _other_stores(self._loaded, found):
                self._change_to(found)
        except MigratorError as error:
            self._note(f"the file is not followed, what was read before goes on to hold: {error}")
            return
        self._loaded = found
        for arm in self.arms.values():
            arm.follow(found)
        with self._steering_lock:
            self._steering.follow(found)
            self._begin_epoch()
        self._note(f"the file has changed, and holds as it is now (configuration {self._epochs[-1].config_epoch})")

    def _change_to(self, found: Loaded) -> None:
        """Watch other stores, or in another way. Raises MigratorError where that cannot begin: all is watched then as it was before."""
        arms = self._make(found)
        try:
            for arm in arms.values():
                arm.reach()
        except MigratorError:
            for arm in arms.values():
                arm.finish(over=False)
            raise
        try:
            self._take(arms)
        except MigratorError:
            self._take(self._make(self._loaded))
            raise

    def _take(self, arms: dict[str, LiveArm]) -> None:
        """Let go of the arms that are watched, and watch these."""
        old, self.arms = self.arms, arms
        gone, begun = [arm for arm in old.values() if arm.name not in arms], False
        for arm in old.values():
            if arm.name in arms:
                arm.finish(over=False)
        stop_all([worker for arm in old.values() for worker in arm.staff.workers])
        try:
            self._adopt()
            start_all([arm.staff for arm in arms.values()], self._logs, self._view.say)
            for arm in arms.values():
                arm.begin()
            begun = True
        finally:
            # What is in a store for watching is taken out only when it is known that nobody needs it any more.
            for arm in gone:
                arm.finish(over=begun)

    def _make(self, loaded: Loaded) -> dict[str, LiveArm]:
        identity = experiment_id(loaded.experiment.experiment.name, loaded.experiment.salt)
        epoch = self._epochs[-1].config_epoch if self._epochs else 1
        arms = {
            name: LiveArm(name, loaded, self._ledger, epoch, ledger_id=identity, on_failure=self._fail) for name in loaded.experiment.arms
        }
        introduce(loaded, (arm.chronicle for arm in arms.values()))
        if self._replayer is not None:
            self._replayer.listen(arms)
        return arms

    def _adopt(self) -> None:
        for arm in self.arms.values():
            arm.adopt()
        if waiting := sum(len(arm.board.open_jobs()) for arm in self.arms.values()):
            self._view.say(f"going on with an earlier run, which left {waiting} jobs open")

    def _begin_epoch(self) -> None:
        """The configuration that holds now, if the ledger's newest is another."""
        digest = f"{self._loaded.digest}:{self._steering.decider.digest}"
        if not self._epochs or self._epochs[-1].config_hash != digest:
            experiment, split = self._loaded.experiment, self._steering.split
            records = [arm.record(split) for arm in self.arms.values()]
            config = msgspec.json.encode(experiment).decode()
            self._epochs = (*self._epochs, self._ledger.begin_epoch(experiment.experiment.name, config, digest, records))
        for arm in self.arms.values():
            arm.chronicle.epoch = self._epochs[-1].config_epoch

    def _epoch_of(self, digest: str) -> int:
        """The number of the newest configuration by which an event can have been routed."""
        known = self._known_epoch(digest)
        if known is None:
            # A process can have heard of a change before this one.
            self._steer()
            known = self._known_epoch(digest)
        return self._epochs[-1].config_epoch if known is None else known

    def _known_epoch(self, digest: str) -> int | None:
        found = (epoch.config_epoch for epoch in reversed(self._epochs) if not digest or epoch.config_hash.endswith(f":{digest}"))
        return next(found, None)

    def _steer(self) -> None:
        """See what people have changed."""
        with self._steering_lock:
            if self._steering.look():
                self._begin_epoch()

    @property
    def _end(self) -> End:
        return "closed" if self._last else "watched"

    def _wind_up(self) -> None:
        """Take over what has been said, read the last news, leave everything so that a later run can go on, if there is to be one."""
        self._view.say("ending: reading the last news")
        for arm in self.arms.values():
            arm.staff.notice()
        stop_all([worker for arm in self.arms.values() for worker in arm.staff.workers])
        if self._replayer is not None:
            self._replayer.close()
        if self._failure is not None:
            return
        if not self._collector.finish(self._loaded.experiment.timeouts.enqueue):
            self._view.say("the transport hangs; what it holds is taken over the next time")
        else:
            self._inlet.close()
        for arm in self.arms.values():
            arm.finish(over=self._last)
        self._ledger.mark(Mark(kind="run_ended", ts_ns=time.time_ns(), text=self._end))

    def _note(self, words: str) -> None:
        self._ledger.mark(Mark(kind="configured", ts_ns=time.time_ns(), text=words))
        self._view.say(words)

    def _fail(self, error: Exception) -> None:
        """A thread cannot go on: nor can the run."""
        self._failure = self._failure or error


def _other_stores(before: Loaded, after: Loaded) -> bool:
    """What is watched, or how, is not what it was. Shares, slots and deadlines can change without letting go of a store."""
    return _watched(before) != _watched(after)


def _watched(loaded: Loaded) -> object:
    experiment = loaded.experiment
    arms = {name: (arm.system, arm.connection, arm.options, arm.worker, arm.noise) for name, arm in experiment.arms.items()}
    jobs = [
        (job.name, job.max_attempts, job.retry_delay, *((experiment.queue(arm, job), experiment.job_name(arm, job)) for arm in arms))
        for job in experiment.jobs
    ]
    return arms, jobs, experiment.timeouts
