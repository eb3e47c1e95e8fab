"""Procrastinate 3: deferred with its own client, observed by a trigger on `procrastinate_jobs`.

Seen: every attempt with its start and its end, by Postgres's clock, also of jobs whose row is deleted. Its own table of events would not
do: it goes with the job, and a transaction that commits late puts its events before those that were read. Not seen: errors, which
Procrastinate does not keep. The task's own code says how often it is tried.
"""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import (
    MARKER,
    Assignment,
    Health,
    Observation,
    Record,
    Removal,
    Sighting,
    Target,
)
from migrator.shadow.newest import SENT, Newest
from migrator.shadow.postgres.connection import Connection, refusals
from migrator.shadow.postgres.lifecycle import States, sightings
from migrator.shadow.postgres.transitions import Columns, Transition, TransitionLog
from migrator.systems.procrastinate_limits import STALLED_AFTER

_JOBS = "procrastinate_jobs"
_STATES = States(
    waiting=frozenset(("todo",)),
    active=frozenset(("doing", "aborting")),
    completed=frozenset(("succeeded",)),
    discarded=frozenset(("failed",)),
    cancelled=frozenset(("cancelled", "aborted")),
)
_COLUMNS = Columns(id="id", payload="args", state="status", due="scheduled_at", key="queueing_lock", holder="worker_id")
_NEEDED = ("id", "queue_name", "task_name", "queueing_lock", "args", "status", "scheduled_at", "worker_id")
_ENDS = ["succeeded", "failed", "cancelled", "aborted"]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where Procrastinate keeps its tables, where a job's mark goes, and what its workers leave behind."""

    schema: str = "public"
    #: a job's key as its `queueing_lock`; or the mark as one more keyword argument of the task, `__shadow`
    mark: OneOf["queueing_lock", "argument"] = "queueing_lock"
    delete_jobs: OneOf["never", "successful"] = "never"  #: as the workers are started with (`--delete-jobs`)


def open_driver(target: Target, options: Options) -> Procrastinate:
    """The driver of one queue. `target.job_name` is the task's name."""
    return Procrastinate(target, options)


class Procrastinate:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = True
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._options = target, options
        self._sender = Connection(target.address, name=target.name, timeout=target.timeout, schema=options.schema)
        self._watcher = Connection(target.address, name=target.name, timeout=target.timeout, schema=options.schema)
        self._app = App(connector=SyncPsycopgConnector())
        self._log = TransitionLog(
            self._watcher, sql.Identifier(options.schema, _JOBS), _COLUMNS, ledger_id=target.ledger_id, arm=target.arm
        )
        self._sent = Newest[str, str](SENT)  # job key -> native id: rows that workers delete would be sent again

    def watch(self, cursor: str) -> str:
        self._check()
        self._log.begin()
        return cursor

    def enqueue(self, job: Assignment) -> str:
        # Not looked for in the table: neither lock nor arguments of past jobs are indexed there. A job that waits is refused by its lock.
        if job.job_key not in self._sent:
            self._sent[job.job_key] = self._defer(job) or self._find(self._sender, job.job_key) or ""
        return self._sent[job.job_key]

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: the trigger notes every job with the mark."""

    def observe(self, cursor: str) -> Observation:
        changes = [self._told(change) for change in self._log.read()]
        given_back = self._given_back(changes)
        found = [
            msgspec.structs.replace(s, kind="stalled") if s.kind == "attempt_failed" and _number(s) in given_back else s
            for s in sightings(changes, _STATES, lambda _: (None, None), {})
        ]
        return Observation(sightings=tuple(found), cursor=cursor)

    def acknowledge(self, cursor: str) -> None:  # noqa: ARG002 - the log keeps its own place
        self._log.forget()

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        native = native_id or self._sent.get(job_key) or self._find(self._watcher, job_key)
        query = sql.SQL(
            "SELECT status::text, (SELECT (extract(epoch FROM at) * 1000000)::bigint FROM procrastinate_events"
            " WHERE job_id = job.id AND type::text = ANY(%s) ORDER BY id DESC LIMIT 1) FROM procrastinate_jobs job WHERE id = %s::bigint"
        )
        rows = self._watcher.rows(query, (_ENDS, native)) if native else []
        if not rows:
            return Record(standing="absent")
        status, ended_us = rows[0]
        standing = _STATES.standing(status) or "waiting"
        over = standing not in ("waiting", "active")
        return Record(standing=standing, ended_ns=ended_us * 1000 if over and ended_us is not None else None)

    def remove(self, job_key: str, native_id: str | None) -> Removal:
        native = native_id or self._sent.get(job_key) or self._find(self._watcher, job_key)
        if native is None:
            return "unknown"
        # As `cancel_job_by_id` does, but only to a job that no worker has had; workers take jobs with the row locked.
        query = sql.SQL(
            "WITH cancelled AS (UPDATE procrastinate_jobs SET status = 'cancelled'"
            " WHERE id = {id}::bigint AND status = 'todo' AND attempts = 0 RETURNING id)"
            " SELECT (SELECT count(*) FROM cancelled), (SELECT count(*) FROM procrastinate_jobs WHERE id = {id}::bigint)"
        ).format(id=sql.Literal(native))
        ((cancelled, known),) = self._watcher.rows(query)
        return "removed" if cancelled else "taken" if known else "unknown"

    def workers(self) -> int:
        """Of every queue: Procrastinate does not write down which ones a worker listens to."""
        query = sql.SQL("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - {} * interval '1 second'")
        ((number,),) = self._watcher.rows(query.format(sql.Literal(STALLED_AFTER)))
        return number

    def counts(self) -> dict[str, int]:
        query = sql.SQL("SELECT status::text, count(*) FROM procrastinate_jobs WHERE queue_name = %s GROUP BY 1")
        return dict(sorted(self._watcher.rows(query, (self._target.queue,))))

    def health(self) -> Health:
        return self._watcher.health()

    def unwatch(self) -> None:
        self._log.end()

    def close(self) -> None:
        self._sender.close()
        self._watcher.close()

    def _defer(self, job: Assignment) -> str | None:
        """The new row; None when the job is waiting there already."""
        by_lock = self._options.mark == "queueing_lock"
        arguments = {name: value for name, value in job.payload.items() if not (by_lock and name == MARKER)}
        with refusals(), self._sender.lent() as connection:
            deferrer = self._app.configure_task(
                self._target.job_name,
                queue=self._target.queue,
                queueing_lock=job.job_key if by_lock else None,
                schedule_in={"seconds": job.delay} if job.delay else None,
                connection=connection,
            )
            try:
                return str(deferrer.defer(**arguments))
            except AlreadyEnqueued:
                return None
            except ConnectorException as error:
                raise (error.__cause__ or error) from None

    def _find(self, connection: Connection, job_key: str) -> str | None:
        """The row that carries a job's key; the first of several."""
        query = sql.SQL(
            "SELECT id::text FROM procrastinate_jobs WHERE queueing_lock = {key} OR args -> {marker} ->> 'key' = {key} ORDER BY id LIMIT 1"
        ).format(key=sql.Literal(job_key), marker=sql.Literal(MARKER))
        rows = connection.rows(query)
        return rows[0][0] if rows else None

    def _told(self, change: Transition) -> Transition:
        """With workers that delete what has succeeded, a row that goes while it is worked on has."""
        if self._options.delete_jobs == "successful" and change.operation == "DELETE" and change.old_state == "doing":
            return msgspec.structs.replace(change, operation="UPDATE", new_state="succeeded")
        return change

    def _given_back(self, changes: list[Transition]) -> set[int]:
        """Changes that put a job back whose worker was gone: it did not fail, it was taken from a worker that nobody heard of any more."""
        backs = [change for change in changes if change.old_state in _STATES.active and change.new_state in _STATES.waiting]
        held = [int(change.holder) for change in backs if change.holder]
        seen: dict[int, int] = {}
        if held:
            query = sql.SQL(
                "SELECT id, (extract(epoch FROM last_heartbeat) * 1000000)::bigint FROM procrastinate_workers WHERE id = ANY(%s)"
            )
            seen = dict(self._watcher.rows(query, (held,)))
        return {
            change.id
            for change in backs
            if not change.holder or change.at_us - seen.get(int(change.holder), change.at_us) > STALLED_AFTER * 1_000_000
        }

    def _check(self) -> None:
        """Raises MigratorError when Procrastinate is not there, or is not as it is known here."""
        find = sql.SQL("SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s")
        columns = {name for (name,) in self._watcher.rows(find, (self._options.schema, _JOBS))}
        if not columns:
            raise MigratorError(
                f"there is no Procrastinate in schema {self._options.schema} of this database",
                place=self._target.name,
                remedy="Apply its schema first (`procrastinate --app=… schema --apply`), or name the schema in the arm's options.",
            )
        missing = [name for name in _NEEDED if name not in columns]
        if missing:
            raise MigratorError(
                f"this Procrastinate is older than version 3 (its jobs have no {missing[0]})",
                place=self._target.name,
                remedy="Apply the migrations of Procrastinate 3.",
            )


def _number(sighting: Sighting) -> int:
    """The change that a sighting was read from."""
    return int(sighting.id.partition(".")[0])
