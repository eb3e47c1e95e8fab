"""Errors that a user can act on: each says where, what is wrong and what to do; the command line prints them without a traceback."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses of every command."""

    YES = 0  #: done, clean, not inferior
    NO = 1  #: findings, manual work left, gates unmet, inferior
    USAGE = 2  #: bad arguments, configuration or environment
    UNDECIDED = 3  #: an experiment that cannot say yet
    INVALID = 4  #: an experiment whose data cannot be trusted
    INTERRUPTED = 130  #: Ctrl-C


class MigratorError(Exception):
    """Something the user can mend. `place` is a file, `file:line`, setting or address."""

    exit = Exit.USAGE

    def __init__(self, cause: str, *, place: str = "", remedy: str = "") -> None:
        self.cause, self.place, self.remedy = cause, place, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.place}: {self.cause}" if self.place else self.cause
        return f"{head}\n  {self.remedy}" if self.remedy else head
