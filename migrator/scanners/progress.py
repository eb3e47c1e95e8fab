"""How far the work is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

T = TypeVar("T")

#: called with what is being done, how many of the things that it is done to are done, and how many there are
Progress = Callable[[str, int, int], None]


def unwatched(_: str, __: int, ___: int) -> None:
    """Nobody waits."""


def counted(progress: Progress, what: str, things: Collection[T]) -> Iterator[T]:
    """The things one after the other, and how far that is.

    >>> list(counted(lambda *at: print(*at), "reading", ["a.py", "b.py"]))
    reading 0 2
    reading 1 2
    ['a.py', 'b.py']
    """
    for number, thing in enumerate(things):
        progress(what, number, len(things))
        yield thing
