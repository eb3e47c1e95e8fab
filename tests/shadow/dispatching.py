"""An application that dispatches, with stores that do what a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from migrator.shadow.drivers.interface import Assignment, Target
from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.folder import FolderInlet

FILE = """\
[experiment]
name = "x"
current = "old"
[job]
name = "mail"
[arms.old]
system = "rq"
connection = "OLD_URL"
job_name = "app.mail"
weight = 1
[arms.new]
system = "bullmq"
connection = "NEW_URL"
weight = 1
[routing]
poll = 0.02
"""


class Options(msgspec.Struct):
    """Of any system."""


class Stores:
    """In place of `open_driver`: what every arm has taken, and what it does when a job comes."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Assignment]] = []
        self.opened: list[Target] = []
        self.closed = 0
        self.when_a_job_comes: Callable[[Assignment], None] = lambda _: None
        self.inside = 0
        self.most_inside_of_one = 0

    def open_driver(self, system: str, target: Target, options: object) -> FakeDriver:
        """See `migrator.shadow.drivers.open_driver`."""
        assert isinstance(options, Options)
        assert system in ("rq", "bullmq")
        self.opened.append(target)
        return FakeDriver(self, target)

    def payloads(self, arm: str) -> list[object]:
        """What an arm was sent."""
        return [job.payload for name, job in self.taken if name == arm]


class FakeDriver:
    """As much of a driver as sending takes."""

    def __init__(self, stores: Stores, target: Target) -> None:
        self._stores, self._target, self._using = stores, target, threading.Lock()

    def enqueue(self, job: Assignment) -> str:
        """See `Driver`."""
        assert self._using.acquire(blocking=False), "two threads use one driver at once"
        try:
            self._stores.when_a_job_comes(job)
            self._stores.taken.append((self._target.arm, job))
            return f"native {job.job_key}"
        finally:
            self._using.release()

    def close(self) -> None:
        """See `Driver`."""
        self._stores.closed += 1


def collected(spool: Path, path: Path) -> SqliteLedger:
    """A ledger with everything that lies in a spool folder."""
    ledger = SqliteLedger.create(path)
    collector = Collector(FolderInlet(spool), ledger, lambda _: 1)
    while collector.collect():
        pass
    return ledger
