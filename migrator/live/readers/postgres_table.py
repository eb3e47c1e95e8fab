"""Job tables that somebody rolled by hand: the audit says which tables, their columns and their words for states are read here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrator.jobs import Client
from migrator.live.reader import Question, Reader
from migrator.live.rows import Columns, beginnings, read_flows, read_queues
from migrator.live.state import Standing
from migrator.scanners import job_tables
from migrator.scanners.job_tables import snake
from migrator.scanners.runtime.postgres import Database, quoted
from migrator.systems.postgres_table import SYSTEM

_CAME = ("created_at", "enqueued_at", "inserted_at", "queued_at", "created")
_STARTED = ("started_at", "processing_started_at", "locked_at", "claimed_at", "picked_at", "reserved_at")
_ENDED = ("finished_at", "completed_at", "processed_at", "ended_at", "failed_at")
_ATTEMPTS = ("attempts", "attempt", "attempt_count", "attempts_made", "tries")
#: words for states that are looked at, at most: a column with more of them is no state
_WORDS = 40
_STATES = (job_tables.is_waiting, job_tables.is_running, job_tables.is_over, job_tables.is_failed)


def read(database: Database, question: Question) -> list[Standing] | None:
    """Every table that the audit found to hold jobs and that is there."""
    tables = sorted({table for client in question.inventory.of(Client, SYSTEM.name) if client.role == "table" for table in _tables(client)})
    found: list[Standing] = []
    for name in tables:
        for table in database.tables(name):
            at = f"{database.address}#{table.replace(chr(34), '')}"
            status = next((name for name in sorted(database.columns(table)) if job_tables.is_status(name)), None)
            if status is None:
                found.append(Standing(SYSTEM.name, at, unread=("the table has no column for the state of a job",), moment=question.now))
                continue
            words = _words(database, table, status)
            columns = _columns(database, table, status, words)
            queues = read_queues(database, at, SYSTEM.name, columns, beginnings(database, columns), "")
            flows = read_flows(database, at, columns, question.since) if question.since is not None else {}
            odd = [word for word in words if not any(means(word) for means in _STATES)]
            unread = (f"what the state {', '.join(odd)} means is not known: such rows are not counted",) if odd else ()
            found.append(Standing(SYSTEM.name, at, tuple(queues), unread=unread, moment=question.now, flows=flows))
    return found or None


def _tables(client: Client) -> Iterable[str]:
    """The name that the code has for a table, and what object mappers make of it."""
    return {client.name, snake(client.name)}


def _words(database: Database, table: str, status: str) -> list[str]:
    """The states in which there are rows."""
    rows = database.rows(f"select distinct {quoted(status)}::text as word from {table} order by 1 limit {_WORDS}")  # noqa: S608
    return [row["word"] for row in rows if row["word"]]


def _columns(database: Database, table: str, status: str, words: Sequence[str]) -> Columns:
    """What the columns mean, by their names."""
    names = sorted(database.columns(table))
    state = f"j.{quoted(status)}::text"
    waiting = _listed(state, [word for word in words if job_tables.is_waiting(word)])
    over = [word for word in words if job_tables.is_over(word)]
    failed = [word for word in words if job_tables.is_failed(word)]

    def called(*candidates: str) -> str:
        found = next((name for wanted in candidates for name in names if snake(name) == wanted), None)
        return f"j.{quoted(found)}" if found is not None else ""

    starts = next((f"j.{quoted(name)}" for name in names if job_tables.when(name)), "")
    came, payload = called(*_CAME), next((f"j.{quoted(name)}" for name in names if job_tables.payload(name)), "")
    moments = [moment for moment in (came, starts) if moment]
    return Columns(
        table=table,
        queue=_text(called("queue", "queue_name")) or _named(table),
        name=_text(called("type", "kind", "job_type", "task_type", "task", "task_name", "job_name", "name")) or _named(table),
        due=f"{waiting} and coalesce({starts}, now()) <= now()" if starts else waiting,
        delayed=f"{waiting} and {starts} > now()" if starts else "false",
        active=_listed(state, [word for word in words if job_tables.is_running(word)]),
        completed=_listed(state, over),
        failed=_listed(state, failed),
        came=came,
        waits_from=f"greatest({', '.join(moments)})" if moments else "",
        starts=starts,
        started=called(*_STARTED),
        ended=called(*_ENDED, "updated_at"),
        attempts=called(*_ATTEMPTS),
        payload=payload,
    )


def _text(column: str) -> str:
    return f"coalesce({column}::text, '')" if column else ""


def _named(table: str) -> str:
    return _literal(table.rpartition(".")[2].strip('"'))


def _listed(state: str, words: Iterable[str]) -> str:
    listed = ", ".join(_literal(word) for word in words)
    return f"{state} in ({listed})" if listed else "false"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


READER = Reader(SYSTEM.name, "postgres", read)
