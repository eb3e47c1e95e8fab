"""The thread that waits for pending jobs to be taken up: in every process that dispatches, and in `migrate shadow run`."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Sequence

from migrator.shadow.modes.claims import ClaimsDown
from migrator.shadow.modes.journal import Journal
from migrator.shadow.modes.pending import Pending

#: seconds between two looks at what is due, and at what others left behind
TICK, ADOPT = 0.1, 5.0
#: jobs that are settled at once
BATCH = 200
#: seconds until the claims are asked again
AGAIN = 1.0
_log = logging.getLogger(__name__)


class Watcher:
    """`settle` settles jobs that are due; it tells through `journal` and `put` what becomes of them."""

    def __init__(self, journal: Journal, settle: Callable[[Sequence[Pending]], None], *, clock: Callable[[], float] = time.time) -> None:
        self._journal, self._settle, self._clock = journal, settle, clock
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[float, str]] = []
        self._jobs: dict[str, Pending] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = ""

    def start(self) -> None:
        """Begin to watch, if that has not begun."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="migrator-fallback", daemon=True)
                self._thread.start()

    def put(self, pending: Pending) -> None:
        """Look at a job when it is due."""
        with self._lock:
            self._jobs[pending.key] = pending
            heapq.heappush(self._waiting, (pending.due, pending.key))

    def forget(self, key: str) -> None:
        """It needs no looking at any more."""
        with self._lock:
            self._jobs.pop(key, None)

    def waiting(self) -> int:
        """Jobs whose way is not known yet."""
        with self._lock:
            return len(self._jobs)

    def step(self) -> bool:
        """Settle what is due now; False where nothing was."""
        due = self._due()
        if not due:
            return False
        try:
            self._settle(due)
            self._told = ""
        except Exception as error:  # noqa: BLE001 - a watcher that ends would leave jobs behind
            if (said := str(error)) != self._told:
                self._told = said
                _log.warning("pending jobs wait: %s%s", "the claims cannot be asked: " if isinstance(error, ClaimsDown) else "", said)
            now = self._clock()
            with self._lock:
                for pending in due:
                    if self._jobs.get(pending.key) is pending:
                        heapq.heappush(self._waiting, (now + AGAIN, pending.key))
        return True

    def adopt(self) -> None:
        """Take over what processes left behind that are no more."""
        try:
            for pending in self._journal.adopt():
                self.put(pending)
        except Exception as error:  # noqa: BLE001 - as in `step`
            _log.warning("what other processes left behind cannot be looked at: %s", error)

    def abandon(self) -> None:
        """In the child of a fork: what is pending is the parent's."""
        self._begin()

    def close(self, patience: float = 2.0) -> None:
        """Watch no more, once what is being settled is."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(patience)

    def _due(self) -> list[Pending]:
        now, found = self._clock(), dict[str, Pending]()
        with self._lock:
            while self._waiting and self._waiting[0][0] <= now and len(found) < BATCH:
                moment, key = heapq.heappop(self._waiting)
                pending = self._jobs.get(key)
                if pending is not None and pending.due <= moment:
                    found[key] = pending
        return list(found.values())

    def _work(self) -> None:
        adopted = 0.0
        while not self._stop.is_set():
            if time.monotonic() - adopted >= ADOPT:
                adopted = time.monotonic()
                self.adopt()
            if not self.step():
                self._stop.wait(TICK)
