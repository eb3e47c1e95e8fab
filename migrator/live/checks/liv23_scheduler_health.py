"""LIV23: a scheduler inside the database is not well."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.live.amounts import share
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Standing, Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: a warning that makes schedules run at the wrong time
_SKEW = "clock_skew"


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each job of pg_cron that ran in the last day, and for each kind of warning of pg-boss."""
    for standing in look.standings:
        at = Spot(standing.at, 0)
        for untold in (standing.runners, standing.warnings):
            if isinstance(untold, Untold):
                yield Undecided(untold.reason, at)
        yield from _runs(look, standing)
        if not isinstance(standing.warnings, Untold):
            for warned in standing.warnings:
                message = f"pg-boss warned of `{warned.kind}` {warned.number:,} times in the last day."
                yield Fail(at, message, (standing.system,), severity=None if warned.kind == _SKEW else "low")
            if standing.system == "pg-boss" and not standing.warnings:
                yield Pass(Spot(standing.at, 0, "no warning in the last day"))


def _runs(look: Look, standing: Standing) -> Iterator[Outcome]:
    limit = look.limits.settings.failure_rate
    if isinstance(standing.runners, Untold):
        return
    for runner in standing.runners:
        told, part = f"{runner.failed:,} of {runner.runs:,} runs of `{runner.name}` failed in the last day", runner.failed / runner.runs
        if part > limit:
            yield Fail(Spot(runner.at, 0), f"{told}: {share(part)} (limit {share(limit)}).", (runner.system,), severity="high")
        else:
            yield Pass(Spot(runner.at, 0, told))


CHECK = LiveCheck(
    id="LIV23",
    name="scheduler-health",
    title="A scheduler inside the database is not well",
    severity="medium",
    what="Runs of pg_cron that failed in the last day, and what pg-boss 12 warned of itself.",
    why="pg_cron tells nobody that a run failed: it stands in a table that few look into.",
    how="`cron.job_run_details` by job; the table `warning` of pg-boss.",
    limits=("failure_rate",),
    unknown="The tables may not be read.",
    false_alarms="A run that was ended on purpose.",
    migration="A schedule that fails today will be blamed on the new system tomorrow.",
    hint="Look at `return_message` of the failed runs, and at the clocks of the machines.",
    sources=("pg_cron README; pg-boss 12.35, table `warning`",),
    check=check,
    related=("LIV14",),
)
