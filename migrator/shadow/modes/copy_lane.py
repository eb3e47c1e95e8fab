"""One candidate's copies on their way: a bounded queue, and a thread that sends what is in it. Whoever offers a copy waits for nothing."""

from __future__ import annotations

import logging
import queue
import threading
import time

import msgspec

from migrator.shadow.drivers.interface import Assignment
from migrator.shadow.modes.budget import Budget
from migrator.shadow.modes.copies.copy import Copy, encoded, name_in
from migrator.shadow.modes.ways import Desk

_log = logging.getLogger(__name__)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A copy, and the job that it is of."""

    key: str
    job: str
    unit: str
    copy: Copy
    size: int | None = None
    delay: float = 0.0
    label: str | None = None


class CopyLane:
    """`waiting`: copies that may wait. What is not sent is recorded as suppressed, with the reason."""

    def __init__(self, desk: Desk, arm: str, system: str, *, waiting: int, budget: Budget) -> None:
        self._desk, self._arm, self._called, self._waiting, self._budget = desk, arm, name_in(system), waiting, budget
        self._told = ""
        self._begin()

    def _begin(self) -> None:
        self._queue: queue.Queue[Offer] = queue.Queue(self._waiting)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def offer(self, offer: Offer) -> None:
        """Send a copy, if the budget allows it and there is room. Returns at once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"migrator-copies {self._arm}", daemon=True)
                self._thread.start()
        if not self._budget.spend():
            self.suppress(offer, "more copies than per_second allows")
            return
        try:
            self._queue.put_nowait(offer)
        except queue.Full:
            self.suppress(offer, f"{self._waiting} copies were waiting already")

    def suppress(self, offer: Offer, why: str) -> None:
        """Record that a copy is not sent."""
        self._desk.ticket(offer, self._arm, "", "shadow").suppressed(why)

    def abandon(self) -> None:
        """In the child of a fork: what waits is the parent's."""
        self._begin()

    def close(self, patience: float = 2.0) -> None:
        """Send what waits, for so many seconds; the rest is suppressed."""
        until = time.monotonic() + patience
        self._stop.set()
        if self._thread is not None:
            self._thread.join(max(0.0, until - time.monotonic()))
        while True:
            try:
                self.suppress(self._queue.get_nowait(), "the process ended before it was sent")
            except queue.Empty:
                return

    def _work(self) -> None:
        while not (self._stop.is_set() and self._queue.empty()):
            try:
                offer = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            self._send(offer)

    def _send(self, offer: Offer) -> None:
        ticket = self._desk.ticket(offer, self._arm, "copy", "shadow")
        ticket.assigned()
        try:
            with ticket:
                pool = self._desk.pool(self._arm, offer.job, called=self._called)
                payload = {**encoded(offer.copy), **ticket.mark}
                ticket.native_id = pool.enqueue(Assignment(job_key=offer.key, payload=payload, delay=offer.delay))
        except Exception as error:  # noqa: BLE001 - a candidate that does not take copies is seen in the ledger, and nobody waits for it
            if (said := str(error)) != self._told:
                self._told = said
                _log.warning("`%s` does not take copies: %s", self._arm, said)
