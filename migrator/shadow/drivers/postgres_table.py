"""A hand-rolled job table in Postgres: enqueued by INSERT, observed by a trigger on the table. Columns and words are the arm's `options`.

Seen: every change of a row's state that a worker commits. Not seen: an attempt that dies with its worker, until something sets its row
back.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import MARKER, Assignment, EnqueueRefused, Health, Observation, Record, Removal, Standing, Target
from migrator.shadow.newest import Newest
from migrator.shadow.postgres.connection import Connection, refusals
from migrator.shadow.postgres.lifecycle import States, sightings
from migrator.shadow.postgres.transitions import Columns, TransitionLog

#: which of several rows of one job tells how it stands
_DECIDES: tuple[Standing, ...] = ("completed", "active", "waiting", "cancelled", "discarded")
#: columns without which jobs can be put into a table and seen
_MAY_BE_ABSENT = ("run_at", "max_attempts", "error", "original", "finished")
_NAMESPACE = uuid.UUID("5d1c3f7e-3f0a-5a0e-9a51-5f2f0a3c7b11")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of the table, its columns (empty: it has none such) and its words for the states.

    Times without a time zone are taken to be UTC, as object mappers store them.
    """

    table: str = "Job"
    schema: str = "public"
    id: str = "id"
    type: str = "type"
    payload: str = "payload"
    status: str = "status"
    run_at: str = "run_at"
    max_attempts: str = "max_attempts"
    error: str = "last_error"
    finished: str = ""
    original: str = ""  #: where a retry is a row of its own: the column that points to the first (or previous) one
    now: tuple[str, ...] = ()  #: further columns that an INSERT must set to the current time
    values: dict[str, Any] = {}  #: further columns that an INSERT must set
    pending: str = "PENDING"
    running: str = "RUNNING"
    completed: str = "COMPLETED"
    failed: str = "FAILED"
    cancelled: str = "CANCELLED"


def open_driver(target: Target, options: Options) -> PostgresTable:
    """The driver of one table."""
    return PostgresTable(target, options)


class PostgresTable:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = True
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        self._sender = Connection(target.address, name=target.name, timeout=target.timeout)
        self._watcher = Connection(target.address, name=target.name, timeout=target.timeout)
        self._table = sql.Identifier(options.schema, options.table)
        self._id_type = ""
        self._states = States(
            waiting=frozenset((options.pending,)),
            active=frozenset((options.running,)),
            completed=frozenset((options.completed,)),
            discarded=frozenset((options.failed,)),
            cancelled=frozenset((options.cancelled,)),
        )
        columns = Columns(
            id=options.id,
            payload=options.payload,
            state=options.status,
            due=options.run_at,
            error=options.error,
            parent=options.original,
            completed=options.completed,
        )
        self._log = TransitionLog(self._watcher, self._table, columns, ledger_id=target.ledger_id, arm=target.arm)
        self._parents = Newest[str, str](200_000)  #: retry row -> first row

    def watch(self, cursor: str) -> str:
        self._id_type = self._check_columns()
        self._log.begin()
        return cursor

    def enqueue(self, job: Assignment) -> str:
        o = self._options
        values: dict[str, sql.Composable] = {
            o.type: sql.Literal(self._target.job_name),
            o.payload: sql.Literal(msgspec.json.encode(job.payload).decode()),
            **{column: sql.SQL("now()") for column in o.now},
            **{column: sql.Literal(value) for column, value in o.values.items()},
        }
        if job.delay:
            if not o.run_at:
                raise EnqueueRefused(f"the table {o.table} has no column for the time before which a job is not to run (`run_at`)")
            values[o.run_at] = sql.SQL("now() + {} * interval '1 second'").format(sql.Literal(job.delay))
        if o.max_attempts and self._target.max_attempts is not None:
            values[o.max_attempts] = sql.Literal(self._target.max_attempts)
        known = self._chosen_id(job.job_key)
        once = sql.SQL("")
        if known is not None:
            values[o.id] = sql.Literal(known)
            once = sql.SQL("ON CONFLICT ({}) DO NOTHING").format(sql.Identifier(o.id))
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({}) {} RETURNING {}::text").format(
            self._table, sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(values.values()), once, sql.Identifier(o.id)
        )
        with refusals():
            rows = self._sender.rows(insert)
        return known if known is not None else rows[0][0]

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: the trigger notes every job with the mark."""

    def observe(self, cursor: str) -> Observation:
        found = sightings(self._log.read(), self._states, _read_error, self._parents)
        return Observation(sightings=tuple(found), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:  # noqa: ARG002 - the log keeps its own place
        self._log.forget()

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        o = self._options
        native = native_id or self._chosen_id(job_key)
        if native is None:
            where = sql.SQL("{}::jsonb -> {} ->> 'key' = {}").format(sql.Identifier(o.payload), sql.Literal(MARKER), sql.Literal(job_key))
        else:
            columns = [column for column in (o.id, o.original) if column]
            where = sql.SQL(" OR ").join(sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(native)) for column in columns)
        error = sql.SQL("{}::text").format(sql.Identifier(o.error)) if o.error else sql.SQL("NULL")
        ended = sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(sql.Identifier(o.finished)) if o.finished else sql.SQL("NULL")
        query = sql.SQL("SELECT {}::text, {}, {} FROM {} WHERE {}").format(sql.Identifier(o.status), error, ended, self._table, where)
        found = {self._states.standing(word): (message, ended_us) for word, message, ended_us in self._watcher.rows(query)}
        # Of several rows (a retry as a row of its own) the one that succeeded or is still to run decides.
        for standing in _DECIDES:
            if standing in found:
                message, ended_us = found[standing]
                return Record(standing=standing, ended_ns=ended_us and ended_us * 1000, err_message=message)
        return Record(standing="waiting" if found else "absent")

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        o = self._options
        native = native_id or self._chosen_id(job_key)
        if native is None:
            return "unknown"
        # Deleted, not set to a state: not every table has a word for it. Workers take a row with it locked.
        query = sql.SQL(
            "WITH removed AS (DELETE FROM {table} WHERE {id} = {native} AND {status}::text = {pending} RETURNING 1)"
            " SELECT (SELECT count(*) FROM removed), (SELECT count(*) FROM {table} WHERE {id} = {native})"
        ).format(
            table=self._table,
            id=sql.Identifier(o.id),
            native=sql.Literal(native),
            status=sql.Identifier(o.status),
            pending=sql.Literal(o.pending),
        )
        ((removed, known),) = self._watcher.rows(query)
        return "removed" if removed else "taken" if known else "unknown"

    def counts(self) -> dict[str, int]:
        status = sql.Identifier(self._options.status)
        query = sql.SQL("SELECT {}::text, count(*) FROM {} WHERE {} = {} GROUP BY 1").format(
            status, self._table, sql.Identifier(self._options.type), sql.Literal(self._target.job_name)
        )
        return dict(sorted(self._watcher.rows(query)))

    def health(self) -> Health:
        return self._watcher.health()

    def unwatch(self) -> None:
        self._log.end()

    def close(self) -> None:
        self._sender.close()
        self._watcher.close()

    def _chosen_id(self, job_key: str) -> str | None:
        """The id that we give a job; None where the table numbers its rows itself."""
        if not self._id_type:  # who only sends has not looked yet
            self._id_type = self._check_columns()
        if self._id_type == "uuid":
            return str(uuid.uuid5(_NAMESPACE, job_key))
        return job_key if self._id_type in ("text", "character varying") else None

    def _check_columns(self) -> str:
        """The type of the id column. Raises MigratorError when table or columns are not as the options say."""
        o = self._options
        query = sql.SQL("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s")
        found = dict(self._watcher.rows(query, (o.schema, o.table)))
        if not found:
            raise MigratorError(
                f'there is no table "{o.schema}"."{o.table}" in this database',
                place=self._target.name,
                remedy="Let the worker or a migration make it first, or name another with `table` and `schema`.",
            )
        named = {"id": o.id, "type": o.type, "payload": o.payload, "status": o.status, "run_at": o.run_at, "max_attempts": o.max_attempts}
        named |= {"error": o.error, "original": o.original, "finished": o.finished}
        for option, column in named.items():
            if column and column not in found:
                raise MigratorError(
                    f'table "{o.schema}"."{o.table}" has no column "{column}" (`{option}`)',
                    place=self._target.name,
                    remedy=f"Its columns are {', '.join(sorted(found))}. Say in `options` which it is"
                    + (f', or {option} = "" for none.' if option in _MAY_BE_ABSENT else "."),
                )
        return found[o.id]


def _read_error(text: str) -> tuple[str | None, str | None]:
    """A job table stores a message at best; what sort of error it was is not to be seen in it."""
    return None, text
