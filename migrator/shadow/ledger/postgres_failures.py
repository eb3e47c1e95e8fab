"""Postgres' errors as sentences with a remedy. No password ever gets into one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from migrator.servers.address import without_passwords
from migrator.shadow.ledger.failures import LedgerError

_LATER = "Run again: what the stores still hold is read then."
_RESTORE = "Restore the schema from a copy, or set it aside with --fresh."
_CAUSES: tuple[tuple[type[psycopg.Error], str, str], ...] = (
    (errors.InsufficientPrivilege, "this user may not do that there", "Grant it CREATE on the database, or all rights on the schema."),
    (errors.DiskFull, "the server's disk is full; the last events could not be written", f"Make room. {_LATER}"),
    (errors.ReadOnlySqlTransaction, "the ledger cannot be written to: it is read only here", "Name a server that takes writes."),
    (errors.QueryCanceled, "the server took too long", f"Look at what keeps it busy. {_LATER}"),
    (errors.LockNotAvailable, "somebody holds the ledger locked", f"Look at what holds the lock. {_LATER}"),
    (errors.UndefinedTable, "this is not a whole ledger: a table of it is missing", _RESTORE),
    (errors.UndefinedColumn, "this is not a whole ledger: a column of it is missing", _RESTORE),
)


@contextmanager
def plain_errors(place: str) -> Generator[None]:
    """Raise `LedgerError` in place of what Postgres raises."""
    try:
        yield
    except psycopg.Error as error:
        found = next(((cause, remedy) for kind, cause, remedy in _CAUSES if isinstance(error, kind)), None)
        if found is None:
            text = without_passwords((str(error).strip().splitlines() or [type(error).__name__])[0])
            gone = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            found = (
                (f"the ledger's server does not answer: {text}", f"Look whether it runs and is reached from here. {_LATER}")
                if gone
                else (f"the ledger cannot be used: {text}", "Look at the schema on the server.")
            )
        raise LedgerError(found[0], place=place, remedy=found[1]) from error
