"""pg-boss 8 to 12: enqueued by INSERT with the queue's own settings, observed by a trigger on `job`.

A bare INSERT would take the columns' defaults instead of the queue's settings, and no policy at all (8 and 9 have no queues to take any
from). Every attempt is seen: pg-boss keeps only the last one in the row, the trigger sees them all. Not seen: when a job of a batch really
begins; a batch starts as one.
"""

from __future__ import annotations

import re
import uuid

import msgspec
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Assignment, EnqueueRefused, Health, Observation, Record, Removal, Target
from migrator.shadow.postgres.connection import Connection, refusals
from migrator.shadow.postgres.lifecycle import States, sightings
from migrator.shadow.postgres.pg_boss_tables import Tables, tables_of
from migrator.shadow.postgres.transitions import TransitionLog

_NAMESPACE = uuid.UUID("0c1e8a53-6c0d-5b0b-8f39-8e8a4f6d2b60")
_STATES = States(
    waiting=frozenset(("created", "retry")),
    active=frozenset(("active",)),
    completed=frozenset(("completed",)),
    discarded=frozenset(("failed", "expired")),
    cancelled=frozenset(("cancelled",)),
)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where pg-boss keeps its tables."""

    schema: str = "pgboss"


def open_driver(target: Target, options: Options) -> PgBoss:
    """The driver of one queue."""
    if target.retry_delay is not None and not target.retry_delay.is_integer():
        raise MigratorError(
            f"pg-boss waits whole seconds before a retry, not {target.retry_delay}",
            place=f"arm {target.arm}",
            remedy="Set `retry_delay` of [job] to whole seconds, or leave it out.",
        )
    return PgBoss(target, options)


class PgBoss:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = True
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._schema = target, options.schema
        self._sender = Connection(target.address, name=target.name, timeout=target.timeout)
        self._watcher = Connection(target.address, name=target.name, timeout=target.timeout)
        self._job, self._queue = sql.Identifier(options.schema, "job"), sql.Identifier(options.schema, "queue")
        self._tables: Tables | None = None
        self._settings: dict[str, sql.Composable] = {}
        self._transitions: TransitionLog | None = None

    def watch(self, cursor: str) -> str:
        self._check_queue(self._known())
        self._log().begin()
        return cursor

    def enqueue(self, job: Assignment) -> str:
        tables = self._known()
        native = str(uuid.uuid5(_NAMESPACE, job.job_key))
        start = sql.SQL("now() + {} * interval '1 second'").format(sql.Literal(job.delay))
        values: dict[str, sql.Composable] = {
            "id": sql.Literal(native),
            "name": sql.Literal(self._target.queue),
            "data": sql.Literal(msgspec.json.encode(job.payload).decode()),
            **self._settings,
            tables.start_after: start,
            tables.keep_until: sql.SQL("{} + {}").format(start, sql.SQL(tables.retention)),
        }
        if self._target.max_attempts is not None:
            values[tables.retry_limit] = sql.Literal(self._target.max_attempts - 1)
        if self._target.retry_delay is not None:
            values[tables.retry_delay] = sql.Literal(int(self._target.retry_delay))
            values[tables.retry_backoff] = sql.Literal(False)
        queue = sql.SQL("(SELECT * FROM {} WHERE name = {}) AS q").format(self._queue, sql.Literal(self._target.queue))
        # Without queues there is one row to select from all the same.
        source = queue if tables.queues else sql.SQL("(SELECT 1) AS q")
        insert = sql.SQL(
            "WITH put AS (INSERT INTO {job} ({columns}) SELECT {expressions} FROM {source} ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT (SELECT count(*) FROM put), (SELECT count(*) FROM {source}),"
            " EXISTS (SELECT FROM {job} WHERE name = {name} AND id = {id})"
        ).format(
            job=self._job,
            source=source,
            columns=sql.SQL(", ").join(map(sql.Identifier, values)),
            expressions=sql.SQL(", ").join(values.values()),
            name=sql.Literal(self._target.queue),
            id=sql.Literal(native),
        )
        with refusals():
            ((new, queues, known),) = self._sender.rows(insert)
        if not queues:
            raise EnqueueRefused(f"there is no queue {self._target.queue}")
        if not new and not known:
            # The queue's policy allows no further job (`singleton`, `exclusive`, …): `send()` would have returned null.
            raise EnqueueRefused(f"the policy of queue {self._target.queue} lets no further job in")
        return native

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: the trigger notes every job with the mark."""

    def observe(self, cursor: str) -> Observation:
        found = sightings(self._log().read(), _STATES, read_error, {})
        return Observation(sightings=tuple(found), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:  # noqa: ARG002 - the log keeps its own place
        self._log().forget()

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native, tables = native_id or str(uuid.uuid5(_NAMESPACE, job_key)), self._known()
        query = sql.SQL(
            "SELECT state::text, (extract(epoch FROM {at}) * 1000000)::bigint, output::text FROM {table} WHERE name = {name} AND id = {id}"
        )
        places = (self._job, *((sql.Identifier(self._schema, "archive"),) if tables.archive else ()))
        words = {"at": sql.Identifier(tables.completed_on), "name": sql.Literal(self._target.queue), "id": sql.Literal(native)}
        rows = self._watcher.rows(sql.SQL(" UNION ALL ").join(query.format(table=table, **words) for table in places))
        if not rows:
            return Record(standing="absent")
        state, ended_us, output = rows[0]
        failed = state in _STATES.discarded and output
        return Record(
            standing=_STATES.standing(state) or "waiting",
            ended_ns=ended_us and ended_us * 1000,
            err_message=read_error(output)[1] if failed else None,
        )

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        native = native_id or str(uuid.uuid5(_NAMESPACE, job_key))
        # As `boss.cancel()` does, but only to a job that no worker has had; workers take jobs with the row locked.
        query = sql.SQL(
            "WITH cancelled AS (UPDATE {table} SET state = 'cancelled', {at} = now()"
            " WHERE name = {name} AND id = {id} AND state = 'created' RETURNING id)"
            " SELECT (SELECT count(*) FROM cancelled), (SELECT count(*) FROM {table} WHERE name = {name} AND id = {id})"
        ).format(
            table=self._job,
            at=sql.Identifier(self._known().completed_on),
            name=sql.Literal(self._target.queue),
            id=sql.Literal(native),
        )
        ((cancelled, known),) = self._watcher.rows(query)
        return "removed" if cancelled else "taken" if known else "unknown"

    def counts(self) -> dict[str, int]:
        query = sql.SQL("SELECT state::text, count(*) FROM {} WHERE name = %s GROUP BY 1").format(self._job)
        return dict(sorted(self._watcher.rows(query, (self._target.queue,))))

    def health(self) -> Health:
        return self._watcher.health()

    def unwatch(self) -> None:
        self._log().end()

    def close(self) -> None:
        self._sender.close()
        self._watcher.close()

    def _log(self) -> TransitionLog:
        if self._transitions is None:
            target, columns = self._target, self._known().columns
            self._transitions = TransitionLog(self._watcher, self._job, columns, ledger_id=target.ledger_id, arm=target.arm)
        return self._transitions

    def _known(self) -> Tables:
        """The layout of this pg-boss's tables. Raises MigratorError when there are none, or they are of no version that is known."""
        if self._tables is None:
            find = sql.SQL("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s")
            columns: dict[str, set[str]] = {}
            for table, column in self._watcher.rows(find, (self._schema,)):
                columns.setdefault(table, set()).add(column)
            if "job" not in columns:
                raise MigratorError(
                    f"there is no pg-boss in schema {self._schema} of this database",
                    place=self._target.name,
                    remedy="Start its worker first (`boss.start()` makes the tables), or name the schema in the arm's options.",
                )
            tables = tables_of(columns["job"], columns.get("queue", set()))
            if tables is None:
                raise MigratorError(
                    f"the tables in schema {self._schema} are not those of pg-boss 8 to 12",
                    place=self._target.name,
                    remedy="Update pg-boss, or report the version that you have.",
                )
            here = tables.settings.keys() - (tables.newer_settings - columns["job"])
            self._settings = {column: sql.SQL(expression) for column, expression in tables.settings.items() if column in here}
            self._tables = tables
        return self._tables

    def _check_queue(self, tables: Tables) -> None:
        if not tables.queues:
            return
        if not self._watcher.rows(sql.SQL("SELECT 1 FROM {} WHERE name = %s").format(self._queue), (self._target.queue,)):
            raise MigratorError(
                f"pg-boss has no queue {self._target.queue}",
                place=self._target.name,
                remedy="Let the worker make it with `boss.createQueue(…)`.",
            )


def read_error(text: str) -> tuple[str | None, str | None]:
    """Type and message of an error as pg-boss stores it: JSON, of an Error usually with `name`, `message` and `stack`.

    >>> read_error('{"name": "TypeError", "message": "no title", "stack": "…"}')
    ('TypeError', 'no title')
    >>> read_error('{"value": "gone"}')
    (None, 'gone')
    """
    try:
        stored = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None, text  # cut off by the log's limit
    if not isinstance(stored, dict):
        return None, str(stored)
    message = stored.get("message", stored.get("value"))
    stack = re.match(r"\s*([A-Za-z_$][\w$.]*)", str(stored.get("stack", "")))
    name = stored.get("name") or (stack[1] if stack and message is not None else None)
    return (str(name) if name else None), (str(message) if message is not None else text)
