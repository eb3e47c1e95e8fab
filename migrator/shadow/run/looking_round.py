"""What a run says of its arms while it goes on: workers that died, stores that do not answer and are back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.staff import Staff


class Watched(Protocol):
    """An arm."""

    @property
    def name(self) -> str:
        """As in the file."""
        ...

    @property
    def board(self) -> ArmBoard:
        """What is known of its jobs, and of its store."""
        ...

    @property
    def staff(self) -> Staff:
        """Its workers."""
        ...


class LookingRound:
    """Everything is said once, when it begins and when it is over."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._down: set[str] = set()

    def look(self, arms: Iterable[Watched]) -> None:
        """Say what is new since the last look."""
        for arm in arms:
            for sentence in arm.staff.notice():
                self._say(f"arm {arm.name}: a worker {sentence}")
            down = arm.board.unreachable_since is not None
            if down and arm.name not in self._down:
                self._down.add(arm.name)
                self._say(f"arm {arm.name}: its store does not answer; the other arms go on")
            elif not down and arm.name in self._down:
                self._down.discard(arm.name)
                self._say(f"arm {arm.name}: its store is back")
