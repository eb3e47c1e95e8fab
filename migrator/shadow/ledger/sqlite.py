"""The ledger as an SQLite file with one writer and any number of readers.

A commit has reached the operating system before `record` returns, so killing the process loses nothing that was recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from migrator.shadow.ledger.event import Event
from migrator.shadow.ledger.failures import LedgerError, plain_errors
from migrator.shadow.ledger.opening import bring_up_to_date, make, take_lock, version_of
from migrator.shadow.ledger.schema import VERSION
from migrator.shadow.ledger.store import COLUMNS, Row, SqlLedger

if TYPE_CHECKING:
    from migrator.shadow.ledger.scan import Scan

_INSERT = f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (event_id) DO NOTHING"  # noqa: S608


class SqliteLedger(SqlLedger):
    """A `Ledger` in a file. Open with `SqliteLedger.open` (to read) or `SqliteLedger.create` (the one writer)."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock_file: IO[bytes] | None) -> None:
        super().__init__()
        self.path = path
        self._connection = connection
        self._lock_file = lock_file

    @classmethod
    def open(cls, path: Path) -> SqliteLedger:
        """Read an existing ledger; a run may be writing to it meanwhile."""
        if not path.is_file():
            raise LedgerError(
                "there is no ledger here", place=str(path), remedy="Run `migrate shadow run` first, or name it with --ledger."
            )
        with plain_errors(path):
            # Not `mode=ro`: SQLite needs to write its shared-memory file to read a ledger whose writer was killed.
            connection = sqlite3.connect(path, timeout=10, check_same_thread=False, isolation_level=None)
            version = version_of(path, connection)
            if version < VERSION:
                connection.close()
                raise LedgerError(
                    f"this ledger is of schema version {version}",
                    place=str(path),
                    remedy="A `migrate shadow run` on it brings it up to date.",
                )
            connection.execute("PRAGMA query_only = ON")
        return cls(path, connection, None)

    @classmethod
    def create(cls, path: Path, *, timeout: float = 10.0) -> SqliteLedger:
        """Open for writing, making the file (and bringing an older one up to date). `timeout`: seconds to wait for a lock."""
        with plain_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock_file = take_lock(path)
            try:
                make(path)
                connection = sqlite3.connect(path, timeout=timeout, check_same_thread=False, isolation_level=None)
                bring_up_to_date(path, connection)
            except BaseException:
                lock_file.close()
                raise
        return cls(path, connection, lock_file)

    @property
    def place(self) -> str:
        """See `Ledger`."""
        return str(self.path)

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        with self._lock:
            self._connection.close()
            if self._lock_file:
                self._lock_file.close()

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with plain_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        self._connection.execute(_sql(statement), parameters)

    def _rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        with plain_errors(self.path), self._lock:
            return self._connection.execute(_sql(statement), parameters).fetchall()

    def _stream(self, statement: str, parameters: Sequence[object]) -> Iterator[Row]:
        with plain_errors(self.path):
            with self._lock:
                found = self._connection.execute(_sql(statement), parameters)
            yield from found

    @contextmanager
    def scan(self, arms: Sequence[str]) -> Generator[Scan]:
        """See `Ledger`."""
        from migrator.shadow.ledger.sqlite_scan import SqliteScan

        with plain_errors(self.path), closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield SqliteScan(connection, arms)

    def _insert(self, events: Sequence[Event]) -> set[str]:
        return {event.event_id for event in events if self._connection.execute(_INSERT, msgspec.structs.astuple(event)).rowcount}

    def _alone(self) -> None:
        """There is one writer."""


@cache
def _sql(statement: str) -> str:
    return statement.format(t="")
