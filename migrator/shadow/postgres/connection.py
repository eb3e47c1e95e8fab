"""A Postgres connection that says plainly when the server is gone, and is made anew on the next call."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import EnqueueRefused, Health, StoreDown
from migrator.shadow.ledger import ClockReading, shortest
from migrator.shadow.postgres.address import has_loose_at, libpq_address

PROBES = 5
Query = sql.SQL | sql.Composed
#: a deadlock, or a lock that others held for too long: an application's workers take theirs as they start
_ENDED = (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)
#: no answer, or that of a server that has become a standby: the next connection may find the one that took over
_GONE = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)


class Connection:
    """Autocommit; one thread at a time. Every statement is given `timeout` seconds.

    `schema`: where names that say no schema are looked for first.
    """

    def __init__(self, address: str, *, name: str, timeout: float, schema: str = "") -> None:
        self._address, self.name, self._timeout, self._schema = libpq_address(address), name, timeout, schema
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def rows(self, query: Query, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and fetch what it returns. Raises StoreDown; other database errors are psycopg's."""
        with self._lock:
            try:
                cursor = self._open().execute(query, parameters)
                return cursor.fetchall() if cursor.description else []
            except _GONE as error:
                self._drop()
                raise StoreDown(_first_line(error)) from error

    def script(self, statements: Sequence[tuple[Query, Sequence[object] | None]]) -> None:
        """Run statements in one transaction; once more where Postgres ended it for the sake of others. Raises as `rows` does."""
        with self._lock:
            try:
                self._together(statements)
            except _ENDED:
                try:
                    self._together(statements)
                except _ENDED as error:
                    self._drop()
                    raise StoreDown(_first_line(error)) from error

    def _together(self, statements: Sequence[tuple[Query, Sequence[object] | None]]) -> None:
        try:
            connection = self._open()
            with connection.transaction():
                for query, parameters in statements:
                    connection.execute(query, parameters)
        except _ENDED:
            raise
        except _GONE as error:
            self._drop()
            raise StoreDown(_first_line(error)) from error

    @contextmanager
    def lent(self) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
        """The connection, for a client library that brings its own statements. Raises as `rows` does."""
        with self._lock:
            try:
                yield self._open()
            except _GONE as error:
                self._drop()
                raise StoreDown(_first_line(error)) from error

    def health(self) -> Health:
        """The server's version, and its clock by the shortest of a few round trips."""
        ((version,),) = self.rows(sql.SQL("SELECT current_setting('server_version')"))
        clock = shortest(self._probe() for _ in range(PROBES))
        return Health(clock=clock, server=f"Postgres {version.split()[0]}")

    def _probe(self) -> ClockReading:
        begin = time.time_ns()
        ((microseconds,),) = self.rows(sql.SQL("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
        return ClockReading.between(begin, microseconds * 1000, time.time_ns())

    def close(self) -> None:
        """Let go of the server."""
        with self._lock:
            self._drop()

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            if has_loose_at(self._address):
                # libpq would take the password's end for the host, and name it when it cannot be reached.
                raise MigratorError(
                    "there is an @ in the user or password of this address", place=self.name, remedy="Write it as %40 there."
                )
            seconds = max(1, round(self._timeout))
            try:
                timeout = int(self._timeout * 1000)
                path = f" -c search_path={_quoted(self._schema)},public" if self._schema else ""
                self._connection = psycopg.connect(
                    self._address,
                    autocommit=True,
                    # A pooler hands the next statement to another server process, which has not prepared it.
                    prepare_threshold=None,
                    connect_timeout=seconds,
                    application_name="migrator shadow",
                    # UTC: what a column without a time zone is taken to hold.
                    options=f"-c statement_timeout={timeout} -c lock_timeout={timeout} -c timezone=UTC{path}",
                    tcp_user_timeout=seconds * 1000,
                )
            except psycopg.ProgrammingError as error:
                # What libpq says about it quotes the address, password and all.
                remedy = "It looks like postgresql://user@host:5432/database."
                raise MigratorError("this is not a Postgres address", place=self.name, remedy=remedy) from error
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def refusals() -> Generator[None]:
    """Around an enqueue: what the database has against it, as EnqueueRefused. It did answer, and so it is not down."""
    try:
        yield
    except psycopg.Error as error:
        raise EnqueueRefused(_first_line(error)) from error


def _quoted(schema: str) -> str:
    """A name among libpq's options, where a blank or a backslash needs one before it.

    >>> _quoted('my jobs')
    '"my\\\\ jobs"'
    """
    name = '"' + schema.replace('"', '""') + '"'
    return name.replace("\\", "\\\\").replace(" ", "\\ ")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
