"""Jobs that are rows of a Postgres table, whoever made it: what the columns mean is data, the questions are the same for all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from migrator.errors import MigratorError
from migrator.live.reader import SAMPLE
from migrator.live.state import Flow, Kept, Known, Lost, Queue, Runs, Untold
from migrator.scanners.runtime.postgres import Database

T = TypeVar("T")
#: rows whose payload is measured
_MEASURED = 1_000
_WEEK = "interval '7 days'"
#: seconds in which an idle worker has asked for jobs many times over
_LATELY = 300
#: seconds in which a worker that polls has come by, even if it keeps no session in between
_POLLED = 60
#: how many workers a queue has, told by the row of its counts
Workers = Callable[[Mapping[str, Any]], Known[int]]


@dataclass(frozen=True)
class Columns:
    """SQL of what a row `j` of `table` says. `due`, `delayed`, … are conditions; times are timestamps with a time zone.

    Empty: the table does not say it.
    """

    table: str
    queue: str
    name: str
    due: str
    delayed: str
    active: str
    completed: str
    failed: str
    blocked: str = "false"
    lost: str = ""  #: active rows that no worker can still have
    came: str = ""  #: when it was enqueued
    waits_from: str = ""  #: since when a due row could run
    starts: str = ""  #: when a delayed row is due
    started: str = ""
    ended: str = ""
    attempts: str = ""  #: total executions so far
    payload: str = ""
    joins: str = ""  #: further tables that these expressions name
    own: str = ""  #: beginning of the names of queues that are the system's own


def read_queues(database: Database, at: str, system: str, columns: Columns, workers: Workers, removal: str) -> list[Queue]:
    """The queues of a table.

    Raises:
        MigratorError: not even the rows can be counted.
    """
    c = columns
    counts = database.rows(_counts(c))
    runs = _asked(lambda: _runs(database, c))
    names = _asked(lambda: _by_queue(database.rows(_names(c)), "name"))
    minutes = _asked(lambda: _by_queue(database.rows(_minutes(c)), "minute"), c.came, "when jobs were enqueued")
    sizes = _asked(lambda: _sizes(database, c), c.payload, "what jobs are given")
    return [
        Queue(
            system=system,
            name=row["queue"],
            at=f"{at}/{row['queue']}",
            due=row["due"],
            delayed=row["delayed"],
            active=row["active"],
            blocked=row["blocked"],
            inner=bool(c.own) and row["queue"].startswith(c.own),
            failed=row["failed"],
            failed_lately=row["lately"] if c.ended else _silent("when jobs ended"),
            failed_oldest=_seconds(row["failed_oldest"]) if c.ended else _silent("when jobs ended"),
            oldest=_seconds(row["oldest"]) if c.waits_from else _silent("since when jobs wait"),
            horizon=_seconds(row["horizon"]) if c.starts else None,
            lost=Lost(row["lost"], row["active"]) if c.lost else _silent("whether a running job still has its worker"),
            workers=workers(row),
            runs=runs if isinstance(runs, Untold) else runs.get(row["queue"], Untold("no job that is over is stored")),
            sizes=sizes if isinstance(sizes, Untold) else sizes.get(row["queue"], ()),
            names=names if isinstance(names, Untold) else names.get(row["queue"], {}),
            minutes=minutes if isinstance(minutes, Untold) else minutes.get(row["queue"], {}),
            kept=(Kept("jobs that are over", row["completed"] + row["failed"], _seconds(row["over_oldest"]), removal),),
        )
        for row in counts
    ]


def beginnings(database: Database, columns: Columns) -> Workers:
    """Workers as they show in rows. A job that runs or began of late has one; where jobs are due for long and none began, there is none."""
    c = columns
    try:
        if not c.started:
            raise MigratorError(_silent("when jobs begin").reason)
        rows = database.rows(
            f"select {c.queue} as queue, count(*) as number from {c.table} j {c.joins} "  # noqa: S608
            f"where {c.started} > now() - interval '{_LATELY} seconds' group by 1"
        )
        (others,) = database.rows(
            "select count(*) as number from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        )
    except MigratorError as error:
        refused = Untold(error.cause)
        return lambda _: refused
    begun = {row["queue"] for row in rows}

    def workers(row: Mapping[str, Any]) -> Known[int]:
        if row["queue"] in begun or row["active"] > row["lost"]:
            return 1
        waited = row["oldest"] or 0
        if waited > _LATELY or (waited > _POLLED and not others["number"]):
            return 0
        return Untold(f"no job of this queue began in the last {_LATELY} s; {others['number']} other sessions are there")

    return workers


def read_flows(database: Database, at: str, columns: Columns, since: float) -> dict[str, Flow]:
    """What came and ended since a moment, by `Queue.at`; empty where the table keeps no times."""
    c = columns
    if not c.came or not c.ended:
        return {}
    rows = database.rows(
        f"select {c.queue} as queue, count(*) filter (where {c.came} > to_timestamp(%s)) as added, "  # noqa: S608
        f"count(*) filter (where ({c.completed}) and {c.ended} > to_timestamp(%s)) as completed, "
        f"count(*) filter (where ({c.failed}) and {c.ended} > to_timestamp(%s)) as failed from {c.table} j {c.joins} group by 1",
        (since, since, since),
    )
    return {f"{at}/{row['queue']}": Flow(row["added"], row["completed"], row["failed"]) for row in rows}


def _counts(c: Columns) -> str:
    def age(moment: str, condition: str) -> str:
        return f"extract(epoch from now() - min({moment}) filter (where {condition}))" if moment else "null"

    states = ("due", "delayed", "active", "blocked", "completed", "failed")
    counted = ", ".join(f"count(*) filter (where {getattr(c, state)}) as {state}" for state in states)
    over = f"({c.completed}) or ({c.failed})"
    horizon = f"extract(epoch from max({c.starts}) filter (where {c.delayed}) - now())" if c.starts else "null"
    lately = f"count(*) filter (where ({c.failed}) and {c.ended} > now() - interval '1 hour')" if c.ended else "null"
    return (
        f"select {c.queue} as queue, {counted}, count(*) filter (where {c.lost or 'false'}) as lost, {lately} as lately, "  # noqa: S608
        f"{age(c.ended, c.failed)} as failed_oldest, {age(c.ended, over)} as over_oldest, {age(c.waits_from, c.due)} as oldest, "
        f"{horizon} as horizon from {c.table} j {c.joins} group by 1 order by 1"
    )


def _runs(database: Database, c: Columns) -> dict[str, Runs]:
    """The jobs that ended last, of each queue; how long they took only where the table keeps when the last run began."""
    if not c.ended:
        raise MigratorError(_silent("when jobs ended").reason)
    span = f"extract(epoch from {c.ended} - {c.started})" if c.started else "null"
    rows = database.rows(
        f"select queue, span, attempts from (select {c.queue} as queue, {span} as span, {c.attempts or 'null'} as attempts, "  # noqa: S608
        f"row_number() over (partition by {c.queue} order by {c.ended} desc) as place from {c.table} j {c.joins} "
        f"where (({c.completed}) or ({c.failed})) and {c.ended} is not null) as over where place <= {SAMPLE}"
    )
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["queue"]].append(row)
    return {
        queue: Runs(
            tuple(float(row["span"]) for row in some if row["span"] is not None),
            tuple(row["attempts"] for row in some if row["attempts"] is not None),
            len(some),
        )
        for queue, some in found.items()
    }


def _names(c: Columns) -> str:
    unfinished = f"({c.due}) or ({c.delayed}) or ({c.active}) or ({c.blocked})"
    return (
        f"select {c.queue} as queue, {c.name} as name, count(*) as number from {c.table} j {c.joins} "  # noqa: S608
        f"where {unfinished} group by 1, 2 order by 3 desc limit 1000"
    )


def _minutes(c: Columns) -> str:
    return (
        f"select {c.queue} as queue, floor(extract(epoch from {c.came}) / 60)::bigint as minute, count(*) as number "  # noqa: S608
        f"from {c.table} j {c.joins} where {c.came} > now() - {_WEEK} group by 1, 2"
    )


def _by_queue(rows: Sequence[Mapping[str, Any]], what: str) -> dict[str, Mapping[Any, int]]:
    found: defaultdict[str, Counter[Any]] = defaultdict(Counter)
    for row in rows:
        found[row["queue"]][row[what]] += row["number"]
    return dict(found)


def _sizes(database: Database, c: Columns) -> dict[str, tuple[int, ...]]:
    unfinished = f"({c.due}) or ({c.delayed}) or ({c.active}) or ({c.blocked})"
    rows = database.rows(
        f"select {c.queue} as queue, octet_length(({c.payload})::text) as size from {c.table} j {c.joins} "  # noqa: S608
        f"where {c.payload} is not null order by ({unfinished}) desc limit {_MEASURED}"
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row["queue"]].append(row["size"])
    return {queue: tuple(some) for queue, some in found.items()}


def _asked(question: Callable[[], T], column: str = "asked", what: str = "") -> Known[T]:
    """The answer; why there is none, where the server refuses or the table does not say."""
    if not column:
        return _silent(what)
    try:
        return question()
    except MigratorError as error:
        return Untold(error.cause)


def _silent(what: str) -> Untold:
    return Untold(f"the table does not say {what}")


def _seconds(value: Any) -> float | None:
    return None if value is None else max(0.0, float(value))
