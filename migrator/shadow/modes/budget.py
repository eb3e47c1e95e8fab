"""How many copies may be sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """`per_second` on average; up to a second's worth (and at least one) at once. Safe to use from several threads.

    >>> now = [0.0]
    >>> budget = Budget(2.0, clock=lambda: now[0])
    >>> [budget.spend() for _ in range(3)]
    [True, True, False]
    >>> now[0] = 0.5
    >>> [budget.spend() for _ in range(2)]
    [True, False]
    """

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = per_second, clock
        self._most = max(1.0, per_second)
        self._left, self._at = self._most, clock()
        self._lock = threading.Lock()

    def spend(self) -> bool:
        """One copy; False where it is too much."""
        with self._lock:
            now = self._clock()
            self._left, self._at = min(self._most, self._left + (now - self._at) * self._rate), now
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True
