"""What an application records with. `record` puts an event aside and returns; a thread hands over what was put aside.

An event goes from memory to a file of the spool folder, and from there to whoever writes the ledger: a collector that reads the folder, or
an outlet that this process sends to. So a store that is down or slow costs disk, up to a limit, and nothing else.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from typing import Literal as OneOf

from migrator.shadow.recorder.ending import at_end, at_fork
from migrator.shadow.recorder.shipping import Shipper
from migrator.shadow.recorder.spool import Spool
from migrator.shadow.recorder.stamping import Making, cut, stamped
from migrator.shadow.recorder.tally import Tally
from migrator.shadow.recorder.troubles import Troubles
from migrator.shadow.transport.interface import Outlet
from migrator.shadow.transport.line import Line
from migrator.shadow.transport.segments import CELLS

#: what a process that is killed loses: what was not handed to the system yet; nothing that was recorded; nothing, nor does a power cut
Durability = OneOf["memory", "wal", "fsync"]
#: events in memory, and bytes on disk
LIMIT, CAP = 10_000, 256 << 20
#: seconds between two flushes, and how many events do not wait for the next
INTERVAL, SOON = 0.25, 2_000
#: events that are handed over at once
BATCH = 1_000
#: seconds that the end of a process may wait for its events
PATIENCE = 2.0
_log = logging.getLogger(__name__)


class Recorder:
    """Never waits for a store, never raises. For threads, signal handlers and event loops, and across forks.

    `outlet` makes the outlet that this process sends to; without one the folder itself is the transport.
    """

    def __init__(
        self,
        folder: Path,
        *,
        outlet: Callable[[], Outlet] | None = None,
        durability: Durability = "memory",
        limit: int = LIMIT,
        cap: int = CAP,
        alarm: Callable[[str], None] = _log.warning,
    ) -> None:
        self._folder, self._make_outlet, self._durability, self._limit, self._cap = folder, outlet, durability, limit, cap
        self._troubles = Troubles(alarm)
        self.each_round: Callable[[], None] | None = None  #: called by the recorder's thread with each of its rounds
        self._begin()
        at_fork(self)

    def _begin(self) -> None:
        self.boot_id = uuid.uuid4().hex
        self.lost = 0  #: recorded events that there was no room for
        self._pid = os.getpid()
        # Recording takes no lock where it can do without. A signal's handler may record in the midst of it: locks can be taken twice.
        self._next = itertools.count(1)
        self._lock = threading.RLock()  #: beginning, and what is lost
        self._writing = threading.RLock()  #: the spool
        self._flushing = threading.Lock()
        self._buffer: deque[tuple[int, Line | Making, tuple[Any, ...]]] = deque()  #: what is not handed over yet
        self._tally, self._spool = Tally(self._folder, self.boot_id, self._troubles.note), Spool(self._folder, self.boot_id, cap=self._cap)
        self._shipper = Shipper(self._folder, self.boot_id, self._make_outlet, alarm=self._troubles.note) if self._make_outlet else None
        self._through = self._durability != "memory"  #: whoever records writes, too
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def numbered(self) -> int:
        """Events recorded by this process."""
        return self._tally.numbered

    def begin(self) -> None:
        """Begin to hand over, though nothing is recorded yet."""
        if self._thread is None:
            self._start()

    def record(self, event: Line | Making, details: tuple[Any, ...] = ()) -> None:
        """Put an event aside. Its `boot_id`, `seq`, `host` and `pid`, and an empty `event_id`, are filled in.

        `details`: what a `Making` is to make it of. This runs in the midst of an application's own work, where each call of a function
        costs many times what it does in a loop: there are few.
        """
        try:
            if self._thread is None:
                self._start()
            if isinstance(event, Line):
                event = cut(event)
            number = next(self._next)
            if self._through:
                self._write(number, event, details)
            elif (held := len(self._buffer)) < self._limit:
                self._buffer.append((number, event, details))
                if held >= SOON:
                    self._wake.set()
            else:
                self._lose_one()
            # What a process that is killed has counted is taken for recorded: it comes last.
            tally = self._tally
            tally.cells[number % CELLS] = number
            if not tally.is_memory:
                tally.write(number)
        except Exception as error:  # noqa: BLE001 - no job fails because it could not be recorded
            self._troubles.note(f"an event could not be recorded: {error!r}")

    def flush(self) -> bool:
        """Hand what was put aside to the system. False where that is not possible now; nothing is lost by that."""
        with self._flushing:
            while count := min(BATCH, len(self._buffer)):
                # They stay in the buffer until they are handed over: others only add to its end.
                data = b"".join(self._written(*self._buffer[place]) for place in range(count))
                if not self._hand_over(data):
                    return False
                for _ in range(count):
                    self._buffer.popleft()
        return True

    def born_again(self) -> None:
        """In the child of a fork: what was put aside is the parent's, as are its files, threads and connections."""
        self._tally.close()
        self._spool.abandon()
        self._begin()

    def close(self, patience: float = PATIENCE) -> None:
        """Hand over what there is, for up to so many seconds. What is recorded after this is written by whoever records it."""
        self._stop.set()
        self._wake.set()
        self._through = True
        # A thread that hangs in the middle is not waited for.
        if self._flushing.acquire(timeout=patience):
            self._flushing.release()
            self.flush()
            with self._writing:
                self._spool.rotate()
        if self._shipper:
            self._shipper.close(patience)
        self._troubles.tell()

    # -- in the caller's thread -------------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            self._open_tally()
            if not at_end(self):
                self._through = True
            thread = threading.Thread(target=self._work, name="migrator-recorder", daemon=True)
            try:
                thread.start()
                if self._shipper:
                    self._shipper.start()
            except RuntimeError:
                # The interpreter is about to end, and lets no thread begin.
                self._through = True
            self._thread = thread

    def _open_tally(self) -> bool:
        try:
            self._tally.open()
        except OSError as error:
            self._troubles.note(f"{self._folder} cannot be written to: {error.strerror}")
        return self._tally.is_open

    def _lose_one(self) -> None:
        self._lose(f"events are lost: {self._limit} wait already, and they cannot be handed over")

    def _lose(self, why: str) -> None:
        with self._lock:
            self.lost += 1
        self._troubles.note(why)

    def _write(self, number: int, event: Line | Making, details: tuple[Any, ...]) -> None:
        data = self._written(number, event, details)
        try:
            if not self._tally.is_open:
                raise OSError(0, "it could not be made")
            with self._writing:
                self._spool.write(data, sync=self._durability == "fsync")
        except OSError as error:
            self._troubles.note(f"{self._folder} cannot be written to: {error.strerror}")
            if len(self._buffer) < self._limit:
                self._buffer.append((number, event, details))
            else:
                self._lose_one()

    def _written(self, number: int, event: Line | Making, details: tuple[Any, ...]) -> bytes:
        try:
            return stamped(event, details, self.boot_id, number, self._pid)
        except Exception as error:  # noqa: BLE001 - whatever an application put into it
            self._lose(f"an event could not be written: {error!r}")
            return b""

    # -- in a thread of its own -------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(INTERVAL)
            self._wake.clear()
            for what in (self.each_round, self.flush):
                try:
                    if what:
                        what()
                except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries again
                    self._troubles.note(f"a round of the recorder failed: {error!r}")
            self._troubles.tell()

    def _hand_over(self, data: bytes) -> bool:
        try:
            if not self._tally.is_open and not self._open_tally():
                raise OSError(0, "it could not be made")
            with self._writing:
                self._spool.write(data)
        except OSError as error:
            self._troubles.note(f"{self._folder} cannot be written to: {error.strerror}")
            # A machine whose disk is read-only may have a store that answers.
            return self._shipper is not None and self._shipper.send(data)
        return True
