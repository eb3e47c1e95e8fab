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

#: bytes of payloads that may wait for one candidate in a process: a candidate that is down must not fill its memory
BYTES = 64 << 20
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
        self._bytes = 0  #: of the payloads that wait
        self._thread: threading.Thread | None = None

    def offer(self, offer: Offer) -> None:
        """Send a copy, if there is room. Returns at once."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name=f"migrator-copies {self._arm}", daemon=True)
                thread.start()
                self._thread = thread
            self._bytes += offer.size or 0
        try:
            self._queue.put_nowait(offer)
        except queue.Full:
            self._gone(offer)
            self.suppress(offer, self._full())

    def why_not(self, offer: Offer) -> str:
        """Why a copy is not to be offered; empty where it is. Asked before its payload is copied, which takes time and memory."""
        if self._queue.full():
            return self._full()
        if offer.size is not None and self._bytes + offer.size > BYTES:
            return f"{self._bytes} bytes of copies were waiting already"
        return "" if self._budget.spend() else "more copies than per_second allows"

    def _full(self) -> str:
        return f"{self._waiting} copies were waiting already"

    def _gone(self, offer: Offer) -> None:
        with self._lock:
            self._bytes -= offer.size or 0

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
            self._gone(offer)
            try:
                self._send(offer)
            except Exception:  # noqa: BLE001 - one copy must not keep the others from being sent
                _log.exception("a copy for `%s` was not sent", self._arm)

    def _send(self, offer: Offer) -> None:
        ticket = self._desk.ticket(offer, self._arm, "copy", "shadow")
        try:
            with ticket:
                pool = self._desk.pool(self._arm, offer.job, called=self._called)
                payload = {**encoded(offer.copy), **ticket.mark}
                ticket.native_id = pool.enqueue(Assignment(job_key=offer.key, payload=payload, delay=offer.delay))
        except Exception as error:  # noqa: BLE001 - a candidate that does not take copies is seen in the ledger, and nobody waits for it
            if (said := str(error)) != self._told:
                self._told = said
                _log.warning("`%s` does not take copies: %s", self._arm, said)
