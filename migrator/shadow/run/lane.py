"""One arm's way in: a thread that enqueues what it is handed, so that a slow or dead store holds up no other arm."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import msgspec

from migrator.shadow import identity
from migrator.shadow.drivers.interface import Assignment, Driver, StoreDown
from migrator.shadow.ledger import LedgerError
from migrator.shadow.run.chronicle import Chronicle
from migrator.shadow.workload import PlannedJob

INTERVAL = 0.05


class NotSent(Exception):  # noqa: N818 - an outcome
    """The run ended before the job's turn came, or to send it might have been to send it twice."""


class Handed(msgspec.Struct, frozen=True):
    """A job on its way. `again`: an earlier run may have sent it already."""

    job: PlannedJob
    job_key: str
    again: bool = False


class Lane:
    """Hand jobs to `put`; `finish` lets the thread end once it has sent them all."""

    def __init__(self, driver: Driver, chronicle: Chronicle, *, ledger_id: str, on_failure: Callable[[Exception], None]) -> None:
        self._driver, self._chronicle, self._ledger_id, self._on_failure = driver, chronicle, ledger_id, on_failure
        self._waiting: queue.SimpleQueue[Handed] = queue.SimpleQueue()
        self._finish = threading.Event()
        # A daemon: a store that hangs in the middle of a call must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name=f"lane {chronicle.board.arm}", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, handed: Handed) -> None:
        """Send a job in its turn."""
        self._waiting.put(handed)

    @property
    def idle(self) -> bool:
        """Nothing waits to be sent."""
        return self._waiting.empty()

    def finish(self, patience: float, *, final: bool) -> bool:
        """Send what waits, for up to `patience` seconds. The rest is left to a later run or, if `final`, written down as not sent.

        False when the store hangs and the thread with it.
        """
        self._finish.set()
        self._thread.join(patience)
        while final and not self._waiting.empty():
            handed = self._waiting.get()
            self._chronicle.refused(handed.job_key, NotSent("the run ended before it could be sent"), None)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not (self._finish.is_set() and self._waiting.empty()):
            try:
                handed = self._waiting.get(timeout=INTERVAL)
            except queue.Empty:
                continue
            try:
                self._send(handed)
            except LedgerError as error:
                self._on_failure(error)
                return

    def _send(self, handed: Handed) -> None:
        key, job = handed.job_key, handed.job
        payload = {**job.payload, **identity.mark(self._ledger_id, key, self._chronicle.board.arm)}
        began = time.monotonic_ns()
        try:
            standing = self._driver.inspect(key, None).standing if handed.again else "absent"
            if standing == "unknown":
                raise NotSent("an earlier run may have sent it, and the system cannot tell: it was not sent again")
            if standing != "absent":
                self._chronicle.enqueued(key, None, None)
                return
            native = self._driver.enqueue(Assignment(job_key=key, payload=payload, delay=job.delay))
        except StoreDown as error:
            self._chronicle.refused(key, error, time.monotonic_ns() - began)
        except Exception as error:  # noqa: BLE001 - whatever a client library raises, this job was not taken and the next one has its turn
            self._chronicle.refused(key, error, time.monotonic_ns() - began)
        else:
            self._chronicle.enqueued(key, native, time.monotonic_ns() - began)
