"""Jobs that somebody is to send, or has sent, and that are not where they are looked for: looked for less and less often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: seconds between two looks at most
SELDOM = 30.0


class Absentees:
    """The newest `limit` of them: of one that is let go for others, `give_up` is told. What has never been absent is always due.

    An enqueue that failed leaves a job that never comes: after an outage there are as many as it had jobs.
    """

    def __init__(self, give_up: Callable[[str], object], *, limit: int = 20_000) -> None:
        self._give_up, self._limit = give_up, limit
        self._since: dict[str, float] = {}
        self._look_at: dict[str, float] = {}
        self._lock = threading.Lock()  # jobs are sent from one thread while another looks for them

    def __contains__(self, native: str) -> bool:
        return native in self._since

    def due(self, native: str) -> bool:
        """Whether to look for it now."""
        return time.monotonic() >= self._look_at.get(native, 0.0)

    def missed(self, native: str) -> None:
        """It was not there: the next look is after a tenth of the time for which it has not been."""
        with self._lock:
            now = time.monotonic()
            since = self._since.setdefault(native, now)
            self._look_at[native] = now + min(SELDOM, (now - since) / 10)
            oldest = next(iter(self._since)) if len(self._since) > self._limit else None
        if oldest is not None:
            self.found(oldest)
            self._give_up(oldest)

    def found(self, native: str) -> None:
        """It is there, or nobody looks for it any more."""
        with self._lock:
            self._since.pop(native, None)
            self._look_at.pop(native, None)
