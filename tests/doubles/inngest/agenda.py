"""The virtual clock and what is to happen when."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

Action = Callable[[], None]


class Agenda:
    """Actions by the time at which they are due; those due at the same time keep the order in which they were entered."""

    def __init__(self, start: datetime | None = None) -> None:
        self.now = start or datetime.now(UTC)
        self._due: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()

    def enter(self, action: Action, at: datetime | None = None) -> None:
        """Note an action; one that is due in the past is due now."""
        heapq.heappush(self._due, (max(at or self.now, self.now), next(self._order), action))

    def take(self, until: datetime | None = None) -> Action | None:
        """The next action, with the clock moved to its time; None if there is none, or none by `until`."""
        if not self._due or (until is not None and self._due[0][0] > until):
            return None
        at, _, action = heapq.heappop(self._due)
        self.now = at
        return action

    def move_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)
