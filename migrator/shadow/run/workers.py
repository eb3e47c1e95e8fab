"""The workers that a run starts: one log file each, watched, and stopped with the run however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Worker
from migrator.shadow.run import leash

INTERVAL = 0.05
TAIL = 20
_NODE_PROGRAMS = ("node", "npm", "npx", "tsx")


class Ended(msgspec.Struct, frozen=True):
    """A worker that ended by itself."""

    status: int
    after: float  #: seconds
    tail: str  #: the end of its log

    def sentence(self) -> str:
        """How it ended, with the end of its log."""
        how = f"was ended by signal {self.status - 128}" if self.status > 128 else f"ended with status {self.status}"
        said = f"; it said last:\n{self.tail}" if self.tail else ", having said nothing"
        return f"{how} after {self.after:.1f} s{said}"


class RunningWorker:
    """One worker process, held on a leash: it ends when `stop` is called and when this process is killed."""

    def __init__(self, arm: str, spec: Worker, *, folder: Path, log: Path, environ: Mapping[str, str], grace: float) -> None:
        self.arm, self.log, self._spec, self._grace = arm, log, spec, grace
        log.parent.mkdir(parents=True, exist_ok=True)
        self._began = time.monotonic()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", leash.__file__, str(grace), *spec.command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder / spec.cwd,
                env={**environ, **spec.env},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the leash; the worker is its child."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Returns once a line of its output has the ready text; raises MigratorError when it ends first or takes too long."""
        until = self._began + self._spec.ready_timeout
        while self._spec.ready not in self._said():
            if ended := self.ended():
                raise MigratorError(f"its worker {ended.sentence()}", place=f"arm {self.arm}", remedy=f"Its whole output is in {self.log}.")
            if time.monotonic() > until:
                raise MigratorError(
                    f"its worker did not say {self._spec.ready!r} within {self._spec.ready_timeout:g} s; it said last:\n{self._tail()}",
                    place=f"arm {self.arm}",
                    remedy=f"Its whole output is in {self.log}; `ready` and `ready_timeout` say what is waited for.",
                )
            time.sleep(INTERVAL)

    def ended(self) -> Ended | None:
        """How it ended; None while it runs."""
        status = self._process.poll()
        return None if status is None else Ended(status, time.monotonic() - self._began, self._tail())

    def let_go(self) -> None:
        """Tell it to stop, without waiting."""
        if self._process.stdin:
            self._process.stdin.close()

    def wait(self) -> None:
        """Returns when it has ended; the leash sees to it that this takes little longer than the grace."""
        self._process.wait()

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _tail(self) -> str:
        return "\n".join(f"  | {line}" for line in self._said().splitlines()[-TAIL:])


def environment_for(commands: Sequence[Sequence[str]]) -> dict[str, str]:
    """This process's environment; with a Node that is new enough first on PATH where a command is of Node."""
    if not any(Path(command[0]).name in _NODE_PROGRAMS for command in commands):
        return dict(os.environ)
    from migrator.servers import node

    return node().environment()


def stop_all(workers: Sequence[RunningWorker]) -> None:
    """Stop workers side by side."""
    for worker in workers:
        worker.let_go()
    for worker in workers:
        worker.wait()
