"""Celery with django-celery-beat: the rows of `PeriodicTask` that are switched on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.postgres import Database
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.systems.celery import SYSTEM
from migrator.systems.celery_beat import CRON_FIELDS, PERIODS, TABLES


def read(database: Database) -> list[Item] | None:
    """Every row that beat would start, in every schema that has the tables (one for each tenant, with some)."""
    tables = database.tables(f"{TABLES}periodictask")
    found: list[Item] = []
    for table in tables:
        schema = table.rpartition(".")[0]
        rows = database.rows(
            f"select t.name, t.task, t.queue, t.one_off, c.minute, c.hour, c.day_of_month, c.month_of_year, c.day_of_week, "  # noqa: S608
            f"c.timezone::text as timezone, i.every, i.period, s.event, k.clocked_time::text as moment from {table} t "
            f"left join {schema}.{TABLES}crontabschedule c on c.id = t.crontab_id "
            f"left join {schema}.{TABLES}intervalschedule i on i.id = t.interval_id "
            f"left join {schema}.{TABLES}solarschedule s on s.id = t.solar_id "
            f"left join {schema}.{TABLES}clockedschedule k on k.id = t.clocked_id where t.enabled order by t.name"
        )
        # What runs once at a given time is no schedule.
        found += [_schedule(database, table, row) for row in rows if row["moment"] is None]
    return found if tables else None


def _schedule(database: Database, table: str, row: Mapping[str, Any]) -> Item:
    options: Options = {"queue": Literal(row["queue"])} if row["queue"] else {}
    cron = " ".join(str(row[f]).replace(" ", "") for f in CRON_FIELDS) if row["minute"] is not None else ""
    every = float(row["every"]) * PERIODS.get(row["period"], 1) if row["every"] is not None else None
    return schedule(
        SYSTEM.name,
        place(database.address, table.replace('"', "")),
        row["name"],
        job=row["task"],
        cron=cron,
        every=every,
        words=f"solar {row['event']}" if row["event"] else "",
        timezone=row["timezone"] or "",
        options=options,
    )


PROBE = Probe(SYSTEM.name, "postgres", read)
