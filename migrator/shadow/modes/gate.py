"""Whether a candidate is sent anything at the moment. Asked in the caller's thread: it only looks at what others found out."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal as OneOf

#: what can go wrong with a job on its way: the candidate does not take it, or nobody there takes it up
Step = OneOf["taken", "taken up"]


class Gate:
    """One candidate's. After `failures` jobs in a row that it did not take, or not take up, it is sent nothing for `pause` seconds;
    then one job tries, and the others follow if that goes well. Safe to use from several threads.
    """

    def __init__(self, *, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._in_a_row: Counter[Step] = Counter()
        self._closed_until: float | None = None
        self.trouble = ""  #: what a look at the candidate found; empty: it answers, and has workers as far as it can tell

    def why_closed(self) -> str:
        """Why the candidate is not to be sent a job now; empty where it is. The one who hears that may be the one who tries."""
        if self.trouble:
            return self.trouble
        with self._lock:
            if self._closed_until is None:
                return ""
            now = self._clock()
            if now < self._closed_until:
                step = max(self._in_a_row, key=lambda step: self._in_a_row[step])
                return f"{self._in_a_row[step]} jobs in a row were not {step}"
            # Until it is known how this one fares, the others wait.
            self._closed_until = now + self._pause
            return ""

    def went_well(self, step: Step) -> None:
        """A job was taken, or taken up."""
        with self._lock:
            self._in_a_row[step] = 0
            if all(count < self._failures for count in self._in_a_row.values()):
                self._closed_until = None

    def failed(self, step: Step) -> None:
        """A job was not."""
        with self._lock:
            self._in_a_row[step] += 1
            if self._in_a_row[step] >= self._failures:
                self._closed_until = self._clock() + self._pause
