"""Drivers for sending from an application: each is used by one thread at a time, so there are as many as threads send at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from migrator.shadow.arm_target import target_of
from migrator.shadow.config.arms import read_table
from migrator.shadow.config.experiment import Job
from migrator.shadow.drivers import open_driver, options_of
from migrator.shadow.drivers.interface import Assignment, Driver, EnqueueRefused, StoreDown
from migrator.shadow.policy.reading import LoadedPolicy
from migrator.toml.source import Source

#: a driver remembers what it has sent or tried to, for those who observe; one that only sends is replaced after so many jobs
USES = 10_000
Result = TypeVar("Result")


class DriverPool:
    """The drivers of one job in one arm, by one reading of the file."""

    def __init__(self, open_one: Callable[[], Driver]) -> None:
        self._open_one = open_one
        self._free: deque[tuple[Driver, int]] = deque()

    def enqueue(self, job: Assignment) -> str:
        """See `Driver.enqueue`."""
        try:
            driver, uses = self._free.pop()
        except IndexError:
            driver, uses = self._open_one(), 0
        sound = False
        try:
            native = _outside_of_loops(lambda: driver.enqueue(job))
            sound = True
            return native
        except (StoreDown, EnqueueRefused):
            sound = True
            raise
        finally:
            if sound and uses + 1 < USES:
                self._free.append((driver, uses + 1))
            else:
                _let_go(driver)

    def open(self) -> None:
        """Have one driver ready. Raises MigratorError where the arm cannot be sent to as it is described."""
        if not self._free:
            self._free.append((self._open_one(), 0))

    def forget(self) -> None:
        """In the child of a fork: the connections are the parent's."""
        self._free.clear()

    def close(self) -> None:
        """Let go of the connections."""
        while self._free:
            _let_go(self._free.pop()[0])


def pool_of(loaded: LoadedPolicy, arm: str, job: Job, experiment: str, *, timeout: float | None = None, called: str = "") -> DriverPool:
    """The pool of a job in an arm; `experiment` is the experiment's id. The rest is as in `driver_of`."""
    return DriverPool(lambda: driver_of(loaded, arm, job, experiment, timeout=timeout, called=called))


def driver_of(loaded: LoadedPolicy, arm: str, job: Job, experiment: str, *, timeout: float | None = None, called: str = "") -> Driver:
    """A driver of a job in an arm. `timeout`: seconds, absent those of the file; `called`: what the arm's system calls the job, as above.

    Raises:
        MigratorError: the arm cannot be sent to as it is described.
    """
    spec = loaded.arms[arm]
    target = target_of(
        arm,
        spec,
        job,
        ledger_id=experiment,
        timeout=loaded.timeouts.enqueue if timeout is None else timeout,
        file=loaded.file,
        called=called,
    )
    options = read_table(Source(str(loaded.file), ""), ("arms", arm, "options"), spec.options, options_of(spec.system))
    return open_driver(spec.system, target, options)


_aside: ThreadPoolExecutor | None = None
_making = threading.Lock()


def _outside_of_loops(call: Callable[[], Result]) -> Result:
    """In this thread; in another one where this thread runs an event loop, inside of which some drivers could not run their own."""
    global _aside
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    with _making:
        if _aside is None:
            _aside = ThreadPoolExecutor(thread_name_prefix="migrator-send")
    return _aside.submit(call).result()


def _let_go(driver: Driver) -> None:
    # It may be closed because it is broken; the job's own error is the one to be heard of.
    with contextlib.suppress(Exception):
        _outside_of_loops(driver.close)


def _in_child() -> None:
    global _aside, _making
    _aside, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_in_child)
