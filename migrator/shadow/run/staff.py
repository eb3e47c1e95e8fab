"""The workers of one arm, started for a run and watched while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from migrator.shadow.config.reading import Loaded
from migrator.shadow.hooks.attempts import EXPERIMENT, LEDGER
from migrator.shadow.run.chronicle import Chronicle
from migrator.shadow.run.workers import RunningWorker, environment_for
from migrator.shadow.wording import count


class Staff:
    """No workers where the file names none: somebody else's do the work."""

    def __init__(self, arm: str, loaded: Loaded, chronicle: Chronicle) -> None:
        self._arm, self._loaded, self._chronicle = arm, loaded, chronicle
        self.spec = loaded.experiment.arms[arm].worker
        self.workers: list[RunningWorker] = []

    def start(self, environ: Mapping[str, str], logs: Path) -> None:
        """Start the arm's workers, if the file names any."""
        spec = self.spec
        # A hook in the worker knows by these which experiment and whose jobs to tell of.
        environ = {**environ, EXPERIMENT: str(self._loaded.file.resolve()), LEDGER: self._chronicle.ledger.ledger_id}
        grace = self._loaded.experiment.timeouts.stop
        for number in range(1, spec.processes + 1 if spec else 1):
            if spec:
                log = logs / (f"{self._arm}.log" if spec.processes == 1 else f"{self._arm}-{number}.log")
                self.workers.append(RunningWorker(self._arm, spec, folder=self._loaded.folder, log=log, environ=environ, grace=grace))
                self._chronicle.mark("worker_started", " ".join(spec.command))

    def wait_ready(self) -> None:
        """Returns when all have said that they are ready."""
        for worker in self.workers:
            worker.wait_ready()
            self._chronicle.mark("worker_ready")

    def notice(self) -> list[str]:
        """Sentences about workers that have died since the last call."""
        found: list[str] = []
        for worker in list(self.workers):
            if ended := worker.ended():
                self.workers.remove(worker)
                found.append(ended.sentence())
                self._chronicle.mark("worker_died", ended.sentence(), status=ended.status)
        if found and not self.workers:
            self._chronicle.board.workers_gone_since = time.monotonic()
        return found


def start_all(staffs: Sequence[Staff], logs: Path, say: Callable[[str], None]) -> None:
    """Start the workers of all arms; returns when all are ready."""
    specs = [staff.spec for staff in staffs if staff.spec]
    if specs:
        say(f"starting {count(sum(spec.processes for spec in specs), 'worker')} (logs in {logs})")
    environ = environment_for([spec.command for spec in specs])
    for staff in staffs:
        staff.start(environ, logs)
    for staff in staffs:
        staff.wait_ready()
