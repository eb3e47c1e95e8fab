"""django-q and django-q2: the rows of `Schedule`."""

from __future__ import annotations

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.postgres import Database
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.systems.django_q import SCHEDULES, SYSTEM

_SECONDS = {"H": 3_600, "D": 86_400, "W": 604_800, "BW": 1_209_600}
#: kinds whose length depends on the calendar
_WORDS = {"M": "monthly", "BM": "every two months", "Q": "quarterly", "Y": "yearly"}


def read(database: Database) -> list[Item] | None:
    """Every row that will start something again: not those that run once, and not those whose repeats are used up."""
    tables = database.tables(SCHEDULES)
    found: list[Item] = []
    for table in tables:
        cron = "cron" if "cron" in database.columns(table) else "null::text as cron"
        question = f"select name, func, schedule_type, minutes, repeats, {cron} from {table} order by name, func"  # noqa: S608
        for row in database.rows(question):
            kind = row["schedule_type"]
            if kind == "O" or row["repeats"] == 0:
                continue
            every = _SECONDS.get(kind) if kind != "I" else (row["minutes"] or 0) * 60
            options: Options = {"repeats": Literal(row["repeats"])} if row["repeats"] > 0 else {}
            found.append(
                schedule(
                    SYSTEM.name,
                    place(database.address, table.replace('"', "")),
                    row["name"] or row["func"],
                    job=row["func"],
                    cron=(row["cron"] or "") if kind == "C" else "",
                    every=every,
                    words=_WORDS.get(kind, ""),
                    options=options,
                )
            )
    return found if tables else None


PROBE = Probe(SYSTEM.name, "postgres", read)
