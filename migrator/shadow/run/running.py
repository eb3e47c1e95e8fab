"""A run from its file to its last job. Whatever happens, what was written down stays, and every job that was assigned is accounted for."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Workload
from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Ledger, Mark
from migrator.shadow.ledger.choosing import sole_ledger
from migrator.shadow.routing import route
from migrator.shadow.run.arm import RunningArm
from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.interruption import on_interrupt
from migrator.shadow.run.looking_round import LookingRound
from migrator.shadow.run.neighbours import introduce
from migrator.shadow.run.outcome import End, RunOutcome, outcome_of
from migrator.shadow.run.staff import start_all
from migrator.shadow.run.worker_news import listener
from migrator.shadow.run.workers import stop_all
from migrator.shadow.workload import PlannedJob, job_count, planned_jobs

TICK = 0.1
#: seconds that the end of a run waits for what its workers' hooks told
PATIENCE = 10.0


class View(Protocol):
    """Where a run shows how it goes."""

    def say(self, text: str) -> None:
        """Something worth a line."""
        ...

    def update(self, boards: Sequence[ArmBoard], total: int) -> None:
        """How far the arms are; `total` is the number of jobs of the whole run."""
        ...


def run_experiment(loaded: Loaded, ledger_path: Path | None, view: View) -> RunOutcome:
    """Send the workload of an experiment, or go on with one that was interrupted. `ledger_path`: a file that the user named.

    Raises ValueError where there is no workload.
    """
    workload = loaded.experiment.workload
    if workload is None:
        raise ValueError("an experiment on the application's own traffic has nothing to send")
    beside = ledger_path or loaded.ledger
    with sole_ledger(loaded, ledger_path) as ledger:
        run = _Run(loaded, workload, ledger, beside.with_name(f"{beside.stem}-logs"), view)
        try:
            return run.run()
        finally:
            stop_all([worker for arm in run.arms for worker in arm.staff.workers])
            for arm in run.arms:
                arm.let_go()


class _Run:
    def __init__(self, loaded: Loaded, workload: Workload, ledger: Ledger, logs: Path, view: View) -> None:
        self._loaded, self._ledger, self._logs, self._view = loaded, ledger, logs, view
        experiment = loaded.experiment
        self._timeouts, self._salt, self._job_name = experiment.timeouts, experiment.salt, experiment.jobs[0].name
        self._workload = workload
        self._total = job_count(workload, unit=experiment.experiment.unit, folder=loaded.folder)
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self._looking = LookingRound(view.say)
        self._looked = 0.0
        epochs = ledger.epochs()
        current = epochs[-1].config_epoch if epochs and epochs[-1].config_hash == loaded.digest else None
        if current is None and ledger.assigned():
            raise MigratorError(
                "this ledger belongs to another experiment, or to an earlier state of this file",
                place=str(ledger.place),
                remedy="Use --fresh to set it aside and begin anew, or name another with --ledger.",
            )
        epoch = current or len(epochs) + 1
        hearing: dict[str, RunningArm] = {}
        self._hooks = listener(loaded, ledger, epoch, hearing, say=view.say, on_failure=self._fail)
        self.arms = [RunningArm(name, loaded, ledger, epoch, on_failure=self._fail) for name in experiment.arms]
        hearing.update((arm.name, arm) for arm in self.arms)
        introduce(loaded, (arm.chronicle for arm in self.arms))
        if current is None:
            config = msgspec.json.encode(experiment).decode()
            ledger.begin_epoch(experiment.experiment.name, config, loaded.digest, [arm.record() for arm in self.arms])

    def run(self) -> RunOutcome:
        known = self._adopt()
        for arm in self.arms:
            arm.reach()
        start_all([arm.staff for arm in self.arms], self._logs, self._view.say)
        self._ledger.mark(Mark(kind="run_started", ts_ns=time.time_ns(), text="resumed" if known else ""))
        end: End = "interrupted"
        with on_interrupt(self._stop):
            try:
                self._hooks.start()
                for arm in self.arms:
                    arm.begin()
                end = self._go(known)
            finally:
                self._wind_up(end)
        if self._failure:
            raise self._failure
        return outcome_of(self._ledger, end)

    def _adopt(self) -> dict[str, bool]:
        known = {key: again for arm in self.arms for key, again in arm.adopt().items()}
        open_jobs = sum(len(arm.board.open_jobs()) for arm in self.arms)
        if len(known) == self._total and not open_jobs:
            raise MigratorError(
                f"this ledger already accounts for all {self._total} jobs of the experiment",
                place=str(self._ledger.place),
                remedy="See `migrate shadow report`; to run again, use --fresh (it is set aside) or name another with --ledger.",
            )
        if known:
            self._view.say(f"going on with an earlier run: {len(known)} of {self._total} jobs were assigned, {open_jobs} are open")
        return known

    def _go(self, known: dict[str, bool]) -> End:
        """Send every job at the workload's pace, then wait for the last to end."""
        experiment = self._loaded.experiment
        self._view.say(f"sending {self._total - len(known)} jobs at {self._workload.rate:g} a second")
        began = time.monotonic()
        deadline = began + self._timeouts.run
        jobs = planned_jobs(self._workload, unit=experiment.experiment.unit, folder=self._loaded.folder)
        sent = 0
        for job in jobs:
            key = f"{self._ledger.ledger_id}-{job.number:06d}"
            if key in known and not known[key]:
                continue
            if end := self._pause(min(began + sent / self._workload.rate, deadline)):
                return end
            if time.monotonic() >= deadline:
                return "deadline"
            self._dispatch(job, key, again=key in known)
            sent += 1
        settled = time.monotonic()
        while time.monotonic() < settled + self._timeouts.settle:
            if end := self._pause(time.monotonic() + TICK):
                return end
            if time.monotonic() >= deadline:
                return "deadline"
            if not all(arm.done for arm in self.arms):
                settled = time.monotonic()
        return "finished"

    def _dispatch(self, job: PlannedJob, key: str, *, again: bool) -> None:
        decision = route(self._loaded.split, self._salt, self._job_name, job.unit_key)
        arm = next(arm for arm in self.arms if arm.name == decision.arm)
        arm.send(job, key, decision, again=again)

    def _pause(self, until: float) -> End | None:
        """Wait, with an eye on everything; tells why the run must end at once."""
        while True:
            self._look_round()
            if self._failure:
                return "failed"
            left = until - time.monotonic()
            if self._stop.wait(max(0.0, min(TICK, left))):
                return "interrupted"
            if left <= TICK:
                return None

    def _look_round(self) -> None:
        if time.monotonic() < self._looked + TICK:
            return
        self._looked = time.monotonic()
        self._looking.look(self.arms)
        self._view.update([arm.board for arm in self.arms], self._total)

    def _wind_up(self, end: End) -> None:
        """Stop the workers, read the last news, account for what is open."""
        if end == "interrupted":
            self._view.say("stopping: workers end what they are at")
        for arm in self.arms:
            arm.staff.notice()
        stop_all([worker for arm in self.arms for worker in arm.staff.workers])
        over = end in ("finished", "deadline")
        self._hooks.finish(PATIENCE)
        for arm in self.arms:
            if self._failure is None:
                arm.finish(over=over)
        if self._failure is None:
            self._ledger.mark(Mark(kind="run_ended", ts_ns=time.time_ns(), text=end))

    def _fail(self, error: Exception) -> None:
        """A thread cannot go on: nor can the run."""
        self._failure = self._failure or error
