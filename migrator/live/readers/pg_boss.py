"""pg-boss: the tables `job` and `version` of its schema, whatever that is called (9, 10 and 12, run)."""

from __future__ import annotations

from migrator.errors import MigratorError
from migrator.live.reader import Question, Reader
from migrator.live.rows import Columns, beginnings, read_flows, read_queues
from migrator.live.state import Known, Standing, Untold, Warned
from migrator.scanners.runtime.postgres import Database
from migrator.systems.pg_boss import OLDEST_SCHEMA, SYSTEM

#: columns that only pg-boss's table of that name has together
_OWN = frozenset(("id", "name", "state", "data", "output", "priority"))


def read(database: Database, question: Question) -> list[Standing] | None:
    """Every pg-boss, of every schema."""
    schemas = {table.rpartition(".")[0] for table in database.tables("version")}
    found: list[Standing] = []
    for table in database.tables("job"):
        schema, names = table.rpartition(".")[0], database.columns(table)
        if schema in schemas and names >= _OWN:
            found.append(_standing(database, schema, table, names, question))
    return found or None


def _standing(database: Database, schema: str, table: str, names: set[str], question: Question) -> Standing:
    at = f"{database.address}#{table.replace(chr(34), '')}"
    columns = _columns(table, names)
    queues = read_queues(database, at, SYSTEM.name, columns, beginnings(database, columns), "pg-boss deletes them by itself")
    (version,) = database.rows(f"select version from {schema}.version")  # noqa: S608
    number = int(version["version"])
    old = f"its tables are of version {number}, from before pg-boss 8" if number < OLDEST_SCHEMA else ""
    flows = read_flows(database, at, columns, question.since) if question.since is not None else {}
    warned = _warnings(database, schema, at)
    return Standing(SYSTEM.name, at, tuple(queues), version=str(number), problem=old, warnings=warned, moment=question.now, flows=flows)


def _columns(table: str, names: set[str]) -> Columns:
    """Names are in snake case since version 10. A job that is tried again keeps when it was made, and starts later."""

    def called(name: str) -> str:
        return f"j.{name}" if name in names else f"j.{name.replace('_', '')}"

    start, began, made, over = called("start_after"), called("started_on"), called("created_on"), called("completed_on")
    limit = "j.expire_seconds * interval '1 second'" if "expire_seconds" in names else called("expire_in")
    blocked = "j.blocked" if "blocked" in names else "false"
    waits = "j.state in ('created', 'retry')"
    return Columns(
        table=table,
        queue="j.name",
        name="j.name",
        due=f"{waits} and {start} <= now() and not {blocked}",
        delayed=f"{waits} and {start} > now() and not {blocked}",
        active="j.state = 'active'",
        completed="j.state in ('completed', 'cancelled')",
        failed="j.state::text in ('failed', 'expired')",
        blocked=f"{waits} and {blocked}",
        lost=f"j.state = 'active' and {began} + {limit} < now()",
        came=made,
        waits_from=f"greatest({made}, {start})",
        starts=start,
        started=began,
        ended=over,
        attempts=f"({called('retry_count')} + 1)",
        payload="j.data",
        own="__pgboss__",
    )


def _warnings(database: Database, schema: str, at: str) -> Known[tuple[Warned, ...]]:
    """What pg-boss 12 noted itself in the last day."""
    table = f'{schema}."warning"'
    if table not in database.tables("warning"):
        return ()
    try:
        rows = database.rows(
            f"select type, count(*) as number from {table} where created_on > now() - interval '1 day' group by 1 order by 1"  # noqa: S608
        )
    except MigratorError as error:
        return Untold(error.cause)
    return tuple(Warned(SYSTEM.name, at, row["type"], row["number"]) for row in rows)


READER = Reader(SYSTEM.name, "postgres", read)
