"""How a run shows itself on standard error: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.running import View

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: seconds between two lines where there is no terminal
EVERY = 10.0
_ENDED = ("completed", "discarded", "cancelled", "presumed_lost", "enqueue_failed")


@contextmanager
def shown() -> Generator[View]:
    """A view that fits what standard error is."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(16), TextColumn("{task.fields[news]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Lines:
    def __init__(self) -> None:
        self._last = time.monotonic()

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    def update(self, boards: Sequence[ArmBoard], total: int) -> None:
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            sent = sum(board.counts["assigned"] for board in boards)
            self.say(f"{sent} of {total} jobs sent; " + "; ".join(f"{board.arm}: {news(board)}" for board in boards))


class TimedLines:
    """For what goes on for hours: a line for every piece of news, and how things stand now and then, each with the time of day."""

    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY
        self._every = EVERY

    def say(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)  # noqa: T201

    def update(self, boards: Sequence[ArmBoard], total: int) -> None:  # noqa: ARG002 - nobody knows how many there will be
        if time.monotonic() >= self._next:
            # Less and less often: a log of a week is to be read by somebody.
            self._every = min(600.0, self._every * 1.5)
            self._next = time.monotonic() + self._every
            self.say("; ".join(f"{board.arm}: {news(board)}, {len(board.open_jobs())} open" for board in boards))


class _Bars:
    """One bar an arm, full when as many jobs have ended as the arm will get if the rest is split like what was sent."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def say(self, text: str) -> None:
        self._bars.console.print(text, highlight=False)

    def update(self, boards: Sequence[ArmBoard], total: int) -> None:
        width = max(len(board.arm) for board in boards)
        sent = sum(board.counts["assigned"] for board in boards)
        for board in boards:
            if board.arm not in self._tasks:
                self._tasks[board.arm] = self._bars.add_task(board.arm.ljust(width), total=total, news="")
            ended = sum(board.counts[kind] for kind in _ENDED)
            share = round(total * board.counts["assigned"] / sent) if sent else total
            self._bars.update(self._tasks[board.arm], completed=ended, total=max(1, share), news=news(board))


def news(board: ArmBoard) -> str:
    """An arm in a few words.

    >>> board = ArmBoard("new", answer_within=5)
    >>> board.counts.update(assigned=12, completed=9, presumed_lost=1)
    >>> news(board)
    '12 assigned, 9 completed, 1 presumed lost'
    """
    kinds = ("assigned", "completed", "discarded", "cancelled", "enqueue_failed", "presumed_lost", "duplicate")
    return ", ".join(f"{board.counts[kind]} {kind.replace('_', ' ')}" for kind in kinds if board.counts[kind] or kind == "assigned")
