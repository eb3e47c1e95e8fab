"""pg_cron: what became of its runs, in `cron.job_run_details`."""

from __future__ import annotations

from migrator.errors import MigratorError
from migrator.live.reader import Question, Reader
from migrator.live.state import Kept, Known, Runner, Standing, Untold
from migrator.scanners.runtime.postgres import Database
from migrator.systems.pg_cron import SYSTEM

_JOBS, _RUNS = '"cron"."job"', '"cron"."job_run_details"'


def read(database: Database, question: Question) -> list[Standing] | None:
    """The runs of the last day, and how many are kept. Nothing deletes them but a job that somebody writes."""
    if _JOBS not in database.tables("job"):
        return None
    at = f"{database.address}#cron.job_run_details"
    return [Standing(SYSTEM.name, at, kept=(_kept(database),), runners=_runners(database, at), moment=question.now)]


def _kept(database: Database) -> Known[Kept]:
    try:
        (row,) = database.rows(
            f"select count(*) as number, extract(epoch from now() - min(start_time))::float as oldest, "  # noqa: S608
            f"exists (select from {_JOBS} where active and command ilike '%%job_run_details%%' and command ilike '%%delete%%') as cleaned "
            f"from {_RUNS}"
        )
    except MigratorError as error:
        return Untold(error.cause)
    return Kept("runs", row["number"], row["oldest"], "a job of its own deletes them" if row["cleaned"] else "")


def _runners(database: Database, at: str) -> Known[tuple[Runner, ...]]:
    named = "coalesce(j.jobname, 'job ' || r.jobid)" if "jobname" in database.columns(_JOBS) else "'job ' || r.jobid"
    try:
        rows = database.rows(
            f"select {named} as name, count(*) as runs, count(*) filter (where r.status = 'failed') as failed "  # noqa: S608
            f"from {_RUNS} r left join {_JOBS} j using (jobid) "
            "where r.start_time > now() - interval '1 day' and r.status in ('succeeded', 'failed') group by 1 order by 1"
        )
    except MigratorError as error:
        return Untold(error.cause)
    return tuple(Runner(SYSTEM.name, row["name"], f"{at}/{row['name']}", row["runs"], row["failed"]) for row in rows)


READER = Reader(SYSTEM.name, "postgres", read)
