"""SQLite's errors as sentences with a remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import MigratorError


class LedgerError(MigratorError):
    """The ledger cannot be read or written. Nothing that it acknowledged before is lost."""


@contextmanager
def plain_errors(path: Path) -> Generator[None]:
    """Raise `LedgerError` in place of what SQLite and the file system raise."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        cause, remedy = next(
            ((c, r) for mark, c, r in _ERRORS if mark in text), (f"the ledger cannot be used: {text}", "Check the file and its folder.")
        )
        raise LedgerError(cause, place=str(path), remedy=remedy) from error
    except OSError as error:
        raise LedgerError(
            f"the ledger cannot be opened: {error.strerror}", place=str(path), remedy="Name another file with --ledger."
        ) from error


_ERRORS = (
    (
        "disk is full",
        "the disk is full; the last events could not be written",
        "Make room and run again: what the stores still hold is read then.",
    ),
    ("locked", "another program holds the ledger locked", "Close it and run again: what the stores still hold is read then."),
    ("not a database", "this is not a ledger", "Name another file with --ledger."),
    ("malformed", "this ledger is damaged", "Restore it from a copy, or name another file with --ledger."),
    ("readonly", "the ledger cannot be written to", "Check its permissions, or name another file with --ledger."),
    ("unable to open", "the ledger cannot be opened", "Check the folder's permissions, or name another file with --ledger."),
)
