"""What went wrong in recording: noted where it happens, told by a thread that may wait for a logger, and not over and over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

#: seconds until the same trouble is told again
AGAIN = 60.0
#: different troubles that are kept in mind
MANY = 50


class Troubles:
    """`note` costs nothing and never fails; `tell` says what is new."""

    def __init__(self, alarm: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._alarm, self._clock = alarm, clock
        self._noted: dict[str, None] = {}
        self._told: dict[str, float] = {}

    def note(self, words: str) -> None:
        """Something went wrong."""
        if len(self._noted) < MANY:
            self._noted[words] = None

    def tell(self) -> None:
        """Say what was not said lately."""
        noted, self._noted = self._noted, {}
        now = self._clock()
        self._told = {words: at for words, at in self._told.items() if now - at < AGAIN}
        for words in noted:
            if words not in self._told:
                self._told[words] = now
                with contextlib.suppress(Exception):  # a logger that fails is no reason for anything else to
                    self._alarm(f"recording goes on: {words}")
