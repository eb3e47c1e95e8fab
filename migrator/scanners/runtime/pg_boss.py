"""pg-boss: the table `schedule` of its schema, whatever that is called."""

from __future__ import annotations

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.postgres import Database
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.systems.pg_boss import SYSTEM

#: columns that only pg-boss's table of that name has together
_OWN = frozenset(("name", "cron", "timezone", "data", "options"))


def read(database: Database) -> list[Item] | None:
    """Every schedule, of every schema in which there is a pg-boss; several on one queue differ by their key since version 11."""
    tables = [table for table in database.tables("schedule") if database.columns(table) >= _OWN]
    found: list[Item] = []
    for table in tables:
        key = "key" if "key" in database.columns(table) else "'' as key"
        for row in database.rows(f"select name, cron, timezone, {key} from {table} order by name"):  # noqa: S608
            options: Options = {"key": Literal(row["key"])} if row["key"] else {}
            at = place(database.address, table.replace('"', ""))
            name = row["name"]
            found.append(schedule(SYSTEM.name, at, name, job=name, cron=row["cron"], timezone=row["timezone"] or "", options=options))
    return found if tables else None


PROBE = Probe(SYSTEM.name, "postgres", read)
