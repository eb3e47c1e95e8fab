"""Procrastinate: jobs in `procrastinate_jobs`, what happened to them in `procrastinate_events` (2 and 3; 3.10.0 run)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.errors import MigratorError
from migrator.live.reader import Question, Reader
from migrator.live.rows import Columns, Workers, read_flows, read_queues
from migrator.live.state import Known, Standing, Untold
from migrator.scanners.runtime.postgres import Database
from migrator.systems.procrastinate import SYSTEM
from migrator.systems.procrastinate_limits import STALLED_AFTER

_ENDS = "('succeeded', 'failed', 'cancelled', 'aborted')"


def read(database: Database, question: Question) -> list[Standing] | None:
    """Every Procrastinate, of every schema."""
    found: list[Standing] = []
    for table in database.tables("procrastinate_jobs"):
        schema = table.rpartition(".")[0]
        at = f"{database.address}#{table.replace(chr(34), '')}"
        names = database.columns(table)
        columns = _columns(table, schema, names)
        queues = read_queues(database, at, SYSTEM.name, columns, _workers(database, schema, names), "")
        flows = read_flows(database, at, columns, question.since) if question.since is not None else {}
        found.append(Standing(SYSTEM.name, at, tuple(queues), moment=question.now, flows=flows))
    return found or None


def _columns(table: str, schema: str, names: set[str]) -> Columns:
    """A row says its state; of its history the times of the first, the last start and the last end are joined to it."""
    workers = f"{schema}.procrastinate_workers"
    lost = (
        f"not exists (select from {workers} w where w.id = j.worker_id and w.last_heartbeat > now() - interval '{STALLED_AFTER} seconds')"
    )
    history = (
        "left join lateral (select min(e.at) filter (where e.type = 'deferred') as came, "  # noqa: S608
        "max(e.at) filter (where e.type in ('deferred_for_retry', 'retried')) as again, "
        f"max(e.at) filter (where e.type = 'started') as began, max(e.at) filter (where e.type in {_ENDS}) as ended "
        f"from {schema}.procrastinate_events e where e.job_id = j.id) h on true"
    )
    waits = "j.status = 'todo'"
    return Columns(
        table=table,
        joins=history,
        queue="j.queue_name",
        name="j.task_name",
        due=f"{waits} and coalesce(j.scheduled_at, now()) <= now()",
        delayed=f"{waits} and j.scheduled_at > now()",
        active="j.status in ('doing', 'aborting')",
        completed="j.status::text in ('succeeded', 'cancelled', 'aborted')",
        failed="j.status = 'failed'",
        lost=f"j.status = 'doing' and {lost}" if "worker_id" in names else "",
        came="h.came",
        waits_from="greatest(h.came, h.again, j.scheduled_at)",
        starts="j.scheduled_at",
        started="h.began",
        ended="h.ended",
        # Attempts are counted when one is over.
        attempts="j.attempts",
        payload="j.args",
    )


def _workers(database: Database, schema: str, names: set[str]) -> Workers:
    """Workers that have shown a sign of life; which queues they work off is not stored."""
    if "worker_id" not in names:
        unsaid = Untold("Procrastinate 2 does not list its workers")
        return lambda _: unsaid
    try:
        (row,) = database.rows(
            f"select count(*) as number from {schema}.procrastinate_workers "  # noqa: S608
            f"where last_heartbeat > now() - interval '{STALLED_AFTER} seconds'"
        )
    except MigratorError as error:
        refused = Untold(error.cause)
        return lambda _: refused
    living: int = row["number"]

    def workers(counts: Mapping[str, Any]) -> Known[int]:
        if not living or counts["active"] > counts["lost"]:
            return living
        return Untold(f"{living} workers live; which queues they work off is not stored")

    return workers


READER = Reader(SYSTEM.name, "postgres", read)
