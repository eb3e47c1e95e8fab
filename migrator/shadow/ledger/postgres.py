"""The ledger as a schema of a Postgres database, with any number of writers on any number of hosts.

`record` returns after the commit. Every ledger has a schema to itself, named after its experiment.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString, cast

import msgspec
import psycopg
from psycopg import sql

from migrator.shadow.ledger.event import Event
from migrator.shadow.ledger.failures import LedgerError
from migrator.shadow.ledger.postgres_failures import plain_errors
from migrator.shadow.ledger.postgres_schema import STEPS, VERSION
from migrator.shadow.ledger.store import COLUMNS, Row, SqlLedger
from migrator.shadow.postgres.address import libpq_address

if TYPE_CHECKING:
    from migrator.shadow.ledger.scan import Scan

_NUMBERS = frozenset(("config_epoch", "ts_ns", "attempt", "mono_ns", "elapsed_ns", "until_ns", "pid", "bytes", "seq"))
_ARRAYS = ", ".join(f"%s::{'bigint' if name in _NUMBERS else 'text'}[]" for name in COLUMNS)
_INSERT = (
    f"INSERT INTO {{t}}event ({', '.join(COLUMNS)}) SELECT * FROM unnest({_ARRAYS}) ON CONFLICT (event_id) DO NOTHING RETURNING event_id"  # noqa: S608
)
PREFIX = "migrator_ledger_"
LONGEST_NAME = 63  #: bytes of a name in Postgres; what is longer would be cut off without a word
PATIENCE = 30  #: seconds that a statement, or a lock, is waited for; reading for a report takes what it takes
AT_A_TIME = 5_000  #: rows of a long answer
NUL, INSTEAD = "\0", "\N{SYMBOL FOR NULL}"  #: Postgres keeps no NUL in a text


def schema_of(experiment: str) -> str:
    """The schema of an experiment's ledger.

    >>> schema_of("articles")
    'migrator_ledger_articles'
    >>> schema_of("a" * 64)
    'migrator_ledger_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-ffe054fe'
    """
    name = PREFIX + experiment
    if len(name.encode()) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(experiment.encode()).hexdigest()[:8]}"


def place_in(variable: str, experiment: str) -> str:
    """What to call the ledger of an experiment in messages."""
    return f"{variable} (Postgres), schema {schema_of(experiment)}"


class PostgresLedger(SqlLedger):
    """A `Ledger` in a database. Open with `PostgresLedger.open` (to read) or `PostgresLedger.create` (to write)."""

    def __init__(self, address: str, variable: str, schema: str, *, writable: bool) -> None:
        super().__init__()
        self._address, self._variable, self._schema, self._writable = libpq_address(address), variable, schema, writable
        self._t = f'"{schema}".'
        self._connection: psycopg.Connection[Row] | None = None

    @classmethod
    def open(cls, address: str, variable: str, experiment: str) -> PostgresLedger:
        """Read an existing ledger; any number may be writing to it meanwhile. `variable`: where the address comes from, for messages."""
        ledger = cls(address, variable, schema_of(experiment), writable=False)
        with ledger._closed_on_failure():
            version = ledger._version()
            if version is None:
                raise LedgerError("there is no ledger here", place=ledger.place, remedy="Run `migrate shadow run` first.")
            if version < VERSION:
                raise LedgerError(
                    f"this ledger is of schema version {version}",
                    place=ledger.place,
                    remedy="A `migrate shadow run` on it brings it up to date.",
                )
        return ledger

    @classmethod
    def create(cls, address: str, variable: str, experiment: str) -> PostgresLedger:
        """Open for writing, making the schema (and bringing an older one up to date). Several hosts may do so at once."""
        ledger = cls(address, variable, schema_of(experiment), writable=True)
        with ledger._closed_on_failure():
            if ledger._version() != VERSION:
                ledger._make()
        return ledger

    @classmethod
    def set_aside(cls, address: str, variable: str, experiment: str) -> str | None:
        """Keep it, under a name with the time of now, which is returned; None where there was none."""
        with cls(address, variable, schema_of(experiment), writable=True) as ledger:
            if ledger._version() is None:
                return None
            stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
            kept = f"{ledger._schema[: LONGEST_NAME - len(stamp) - 1]}.{stamp}"
            with ledger._lock, ledger._transaction():
                ledger._execute(f'ALTER SCHEMA "{ledger._schema}" RENAME TO "{kept}"')
        return f"{variable} (Postgres), schema {kept}"

    @property
    def place(self) -> str:
        """See `Ledger`."""
        return f"{self._variable} (Postgres), schema {self._schema}"

    def close(self) -> None:
        """Let go of the server."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _closed_on_failure(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    # -- the schema ---------------------------------------------------------------------------------------------------

    def _version(self) -> int | None:
        """The version of the schema; None where there is none. Raises LedgerError where it is not ours, or newer than we know."""
        if not self._rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", (self._schema,)):
            return None
        found = self._rows("SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ?", (self._schema,))
        if not found:
            return None
        columns = self._rows(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = ? AND table_name = 'ledger' AND column_name = 'version'",
            (self._schema,),
        )
        if not columns:
            raise LedgerError(
                "this schema is not a ledger (or this user may not read it)",
                place=self.place,
                remedy="Give the experiment another name, or grant the user what is in it.",
            )
        ((version,),) = self._rows("SELECT version FROM {t}ledger")
        if version > VERSION:
            raise LedgerError(
                f"this ledger is of schema version {version}, newer than this program's {VERSION}",
                place=self.place,
                remedy="Update migrator.",
            )
        return version

    def _make(self) -> None:
        with self._lock, self._transaction():
            # Of hosts that start at once, one makes the schema; the others wait and find it.
            self._execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (self._schema,))
            version = self._version() or 0
            if version == 0:
                self._execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
            for step in STEPS[version:]:
                self._execute(step)
            if version == 0:
                self._execute("INSERT INTO {t}ledger VALUES (?, ?, ?)", (uuid.uuid4().hex[:8], time.time_ns(), VERSION))
            elif version < VERSION:
                self._execute("UPDATE {t}ledger SET version = ?", (VERSION,))

    # -- statements ---------------------------------------------------------------------------------------------------

    def _open(self) -> psycopg.Connection[Row]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _connect(self, *, patience: float = PATIENCE) -> psycopg.Connection[Row]:
        milliseconds = int(patience * 1000)
        options = f"-c statement_timeout={milliseconds} -c lock_timeout={PATIENCE * 1000}"
        try:
            return psycopg.connect(
                self._address,
                autocommit=True,
                connect_timeout=10,
                application_name="migrator ledger",
                options=options if self._writable else f"{options} -c default_transaction_read_only=on",
                # A pooler hands the next statement to another server process, which has not prepared it.
                prepare_threshold=None,
            )
        except psycopg.ProgrammingError as error:
            # What libpq says about it quotes the address, password and all.
            remedy = "It looks like postgresql://user@host:5432/database."
            raise LedgerError("this is not a Postgres address", place=self._variable, remedy=remedy) from error

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with plain_errors(self.place):
            try:
                with self._open().transaction():
                    yield
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._drop()
                raise

    def _drop(self) -> None:
        """After a failure nobody can tell whether the last numbers were committed: later ones are those of another recorder."""
        self.close()
        self.boot_id, self._seq = uuid.uuid4().hex, 0

    def _execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        self._open().execute(_sql(statement, self._t), parameters or None)

    def _rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._lock, plain_errors(self.place):
            try:
                return self._open().execute(_sql(statement, self._t), parameters or None).fetchall()
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._drop()
                raise

    def _stream(self, statement: str, parameters: Sequence[object]) -> Iterator[Row]:
        # A connection of its own: what is written meanwhile does not wait for a reader who takes his time.
        with (
            plain_errors(self.place),
            self._connect(patience=0) as connection,
            connection.transaction(),
            connection.cursor("rows") as found,
        ):
            found.itersize = AT_A_TIME
            yield from found.execute(_sql(statement, self._t), parameters or None)

    @contextmanager
    def scan(self, arms: Sequence[str]) -> Generator[Scan]:
        """See `Ledger`."""
        from migrator.shadow.ledger.postgres_scan import PostgresScan

        with plain_errors(self.place), self._connect(patience=0) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                yield PostgresScan(connection, self._t, arms)

    def _insert(self, events: Sequence[Event]) -> set[str]:
        columns = zip(*(msgspec.structs.astuple(event) for event in events), strict=True)
        values = [
            list(column) if name in _NUMBERS else [text and text.replace(NUL, INSTEAD) for text in column]
            for name, column in zip(COLUMNS, columns, strict=True)
        ]
        found = self._open().execute(sql.SQL(cast(LiteralString, _INSERT.format(t=self._t))), values).fetchall()
        return {event_id for (event_id,) in found}

    def _alone(self) -> None:
        self._execute("LOCK TABLE {t}epoch IN EXCLUSIVE MODE")


@lru_cache
def _sql(statement: str, prefix: str) -> sql.SQL:
    return sql.SQL(cast(LiteralString, statement.replace("{t}", prefix).replace("?", "%s")))
