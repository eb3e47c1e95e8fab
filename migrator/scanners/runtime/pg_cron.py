"""pg_cron: the table `cron.job`."""

from __future__ import annotations

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.postgres import Database
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.sql.cron_targets import target_of
from migrator.scanners.sql.pg_cron import masked
from migrator.systems.pg_cron import SYSTEM, interval_of


def read(database: Database) -> list[Item] | None:
    """The jobs that are switched on. Of other users' jobs only a superuser is told."""
    if '"cron"."job"' not in database.tables("job"):
        return None
    named = "jobname" if "jobname" in database.columns('"cron"."job"') else "null::text as jobname"
    found: list[Item] = []
    for row in database.rows(f"select jobid, schedule, command, database, active, {named} from cron.job order by jobid"):  # noqa: S608
        if not row["active"]:
            continue
        target = target_of(row["command"])
        options: Options = {"command": Literal(masked(row["command"].strip())), "database": Literal(row["database"])}
        every = interval_of(row["schedule"])
        name = row["jobname"] or target.name or f"job {row['jobid']}"
        at = place(database.address, "cron.job")
        cron = "" if every is not None else row["schedule"]
        found.append(schedule(SYSTEM.name, at, name, job=target.name, cron=cron, every=every, options=options))
    return found


PROBE = Probe(SYSTEM.name, "postgres", read)
