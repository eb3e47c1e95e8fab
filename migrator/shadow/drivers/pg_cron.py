"""pg_cron 1.4 and newer: each job is a schedule of its own for one minute to come, observed in `cron.job_run_details`.

pg_cron has no queue. A job is a command that runs at the next whole minute, or at the first one after its delay, and is taken out of the
schedule when it has run. Seen: each run with its start, its end and its error, by Postgres's clock. Not seen: a minute that pg_cron let go
by, because it was down or had as many runs as it may.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Assignment, Health, Observation, Record, Sighting, Target
from migrator.shadow.looks.pg_cron import CANCELLED, Reader, Run, read_error
from migrator.shadow.postgres.connection import Connection, refusals

PAYLOAD = "{payload}"
MINUTE_US = 60_000_000
#: seconds before a minute in which pg_cron may have looked at its schedule for that minute already
LEAD = 2.0
BATCH = 5000
_RUN = sql.SQL(
    "SELECT runid, jobid, command, status, return_message, (extract(epoch FROM start_time) * 1000000)::bigint,"
    " (extract(epoch FROM end_time) * 1000000)::bigint FROM cron.job_run_details"
)
_NAMES = ("runid", "jobid", "command", "status", "message", "start_us", "end_us")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a job does."""

    command: str = ""  #: SQL, in which `{payload}` becomes the payload as a jsonb value: `select app.import_article({payload})`


def open_driver(target: Target, options: Options) -> PgCron:
    """The driver of one database's schedule."""
    if PAYLOAD not in options.command:
        raise MigratorError(
            "what pg_cron is to run for a job is not said",
            place=f"arm {target.arm}",
            remedy='Give its options a `command` with the payload in it: command = "select app.import_article({payload})".',
        )
    if target.max_attempts not in (None, 1):
        raise MigratorError(
            f"pg_cron runs a command once, not up to {target.max_attempts} times",
            place=f"arm {target.arm}",
            remedy="Set `max_attempts` of [job] to 1, or leave it out: arms that try again are not comparable with one that does not.",
        )
    return PgCron(target, options)


class PgCron:
    """The driver; see `migrator.shadow.drivers.interface.Driver`."""

    transactional = True
    sees_every_queue = True

    def __init__(self, target: Target, options: Options) -> None:
        self._target, self._command = target, options.command
        self._sender = Connection(target.address, name=target.name, timeout=target.timeout)
        self._watcher = Connection(target.address, name=target.name, timeout=target.timeout)
        self._own = f"{target.ledger_id}-"
        self._reader = Reader(self._own)
        self._entered: list[Sighting] = []
        self._due: dict[str, int] = {}  #: job id -> the minute that it is to run in, in microseconds since the epoch
        self._ended: list[int] = []  #: ids of jobs that have run, to be taken out of the schedule

    def watch(self, cursor: str) -> str:
        self._check()
        if cursor:
            return cursor
        ((newest,),) = self._watcher.rows(sql.SQL("SELECT coalesce(max(runid), 0) + 1 FROM cron.job_run_details"))
        return str(newest)

    def enqueue(self, job: Assignment) -> str:
        payload = sql.Literal(msgspec.json.encode(job.payload).decode()).as_string()
        command = self._command.replace(PAYLOAD, f"{payload}::jsonb")
        known = sql.SQL("SELECT jobid FROM cron.job WHERE jobname = %s UNION ALL SELECT jobid FROM cron.job_run_details WHERE command = %s")
        # Whole minutes of pg_cron's own time zone.
        put = sql.SQL(
            "WITH at AS (SELECT clock_timestamp() AS now, date_trunc('minute', clock_timestamp() + %s * interval '1 second')"
            " + interval '1 minute' AS minute) SELECT cron.schedule(%s,"
            " to_char(minute AT TIME ZONE coalesce(current_setting('cron.timezone', true), 'GMT'), 'FMMI FMHH24 FMDD FMMM') || ' *', %s),"
            " (extract(epoch FROM now) * 1000000)::bigint, (extract(epoch FROM minute) * 1000000)::bigint FROM at"
        )
        with refusals():
            if found := self._sender.rows(known, (job.job_key, command)):
                return str(found[0][0])
            ((number, now, minute),) = self._sender.rows(put, (job.delay + LEAD, job.job_key, command))
        native = str(number)
        self._due[native] = minute
        self._entered.append(
            Sighting(
                id=f"{now:017d}.0-{native}",
                job_key=job.job_key,
                native_id=native,
                kind="delayed" if job.delay else "available",
                ts_ns=now * 1000,
                until_ns=now * 1000 + round(job.delay * 1_000_000_000) if job.delay else None,
            )
        )
        return native

    def expect(self, job_key: str, native_id: str | None) -> None:
        """Nothing to do: every run is in the table."""

    def observe(self, cursor: str) -> Observation:
        entered = self._entered.copy()
        del self._entered[: len(entered)]
        ours = sql.SQL("WHERE runid >= %s AND strpos(command, %s) > 0 ORDER BY runid LIMIT %s")
        # All pages: a long run at the beginning must not hide those that came after it.
        runs = page = self._runs(ours, (int(cursor), self._own, BATCH))
        while len(page) == BATCH:
            page = self._runs(ours, (page[-1].runid + 1, self._own, BATCH))
            runs = [*runs, *page]
        found = self._reader.read(runs, time.time_ns() // 1000)
        ended = {sighting.native_id for sighting in found if sighting.kind != "started"}
        self._ended += [run.jobid for run in runs if str(run.jobid) in ended]
        for native in ended:
            self._due.pop(native, None)
        # The first run that is not over will be read again, and all after it.
        floor = next((run.runid for run in runs if not run.over), runs[-1].runid + 1 if runs else int(cursor))
        self._reader.forget(floor)
        return Observation(sightings=tuple(sorted((*entered, *found), key=lambda s: s.id)), cursor=str(floor))

    def acknowledge(self, cursor: str) -> None:  # noqa: ARG002 - what has run is out of the schedule, however far was read
        """Takes jobs that have run out of the schedule: they would run again in a year."""
        if self._ended:
            self._unschedule(sql.SQL("jobid = ANY(%s) AND starts_with(jobname, %s)"), (self._ended, self._own))
            self._ended = []

    def inspect(self, job_key: str, native_id: str | None) -> Record:
        if native_id:
            runs = self._runs(sql.SQL("WHERE jobid = %s ORDER BY runid DESC LIMIT 1"), (int(native_id),))
        else:
            runs = self._runs(sql.SQL("WHERE strpos(command, %s) > 0 ORDER BY runid DESC"), (job_key,))
            runs = [run for run in runs if self._reader.key_of(run.command) == job_key]
        if not runs:
            return self._scheduled(job_key, native_id)
        run = runs[0]
        if not run.over:
            return Record(standing="waiting" if run.start_us is None else "active")
        if run.message == CANCELLED:
            return Record(standing="cancelled", ended_ns=_ns(run.end_us))
        failed = run.status == "failed"
        return Record(
            standing="discarded" if failed else "completed",
            ended_ns=_ns(run.end_us),
            err_message=read_error(run.message)[1] if failed else None,
        )

    def _scheduled(self, job_key: str, native_id: str | None) -> Record:
        """How a job stands that has no run."""
        number = int(native_id) if native_id else None
        waiting = self._watcher.rows(sql.SQL("SELECT jobid FROM cron.job WHERE jobname = %s OR jobid = %s"), (job_key, number))
        if not waiting:
            return Record(standing="absent")
        due = self._due.get(str(waiting[0][0]))
        ((now,),) = self._watcher.rows(sql.SQL("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
        # Past its minute it waits for others to end, or was passed by: pg_cron keeps no note of either.
        return Record(standing="waiting" if due is None or now < due + MINUTE_US else "unknown")

    def counts(self) -> dict[str, int]:
        query = sql.SQL("SELECT status, count(*) FROM cron.job_run_details GROUP BY 1 UNION ALL SELECT 'scheduled', count(*) FROM cron.job")
        return dict(sorted(self._watcher.rows(query)))

    def health(self) -> Health:
        return self._watcher.health()

    def unwatch(self) -> None:
        self._unschedule(sql.SQL("starts_with(jobname, %s)"), (self._own,))

    def close(self) -> None:
        self._sender.close()
        self._watcher.close()

    def _runs(self, where: sql.SQL, parameters: tuple[object, ...]) -> list[Run]:
        return [Run(**dict(zip(_NAMES, row, strict=True))) for row in self._watcher.rows(_RUN + sql.SQL(" ") + where, parameters)]

    def _unschedule(self, which: sql.SQL, parameters: tuple[object, ...]) -> None:
        self._watcher.rows(sql.SQL("SELECT cron.unschedule(jobid) FROM cron.job WHERE {}").format(which), parameters)

    def _check(self) -> None:
        """Raises MigratorError when there is no pg_cron here, or it keeps no runs."""
        find = sql.SQL("SELECT current_setting('cron.log_run', true), to_regclass('cron.job_run_details') IS NOT NULL")
        ((logged, there),) = self._watcher.rows(find)
        if not there:
            raise MigratorError(
                "there is no pg_cron 1.4 or newer in this database",
                place=self._target.name,
                remedy="Its tables are in the database that `cron.database_name` names; `create extension pg_cron` makes them.",
            )
        if logged == "off":
            raise MigratorError(
                "this pg_cron keeps no runs (`cron.log_run` is off)",
                place=self._target.name,
                remedy="Set cron.log_run = on and restart the server: nothing else tells how a command ended.",
            )


def _ns(microseconds: Any) -> int | None:
    return None if microseconds is None else int(microseconds) * 1000
