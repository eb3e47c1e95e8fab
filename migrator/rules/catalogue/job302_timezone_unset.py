"""JOB302: at what time a job runs depends on the machine."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Schedule, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

#: a field that leaves nothing out, or steps through all that there is
_ALL = regex(r"\*|\?|0-23(/\d+)?$|1-31(/\d+)?$|1-12(/\d+)?$|[01]-[67](/\d+)?$")
_LOCAL = tuple(name for name, system in SYSTEMS.items() if system.default_timezone == "local")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each schedule that names an hour of the day."""
    for schedule in evidence.of(Schedule, *_LOCAL):
        if schedule.cron is None:
            continue
        cron = literal_of(schedule.cron)
        name = f"`{schedule.name or schedule.job_name}`"
        if schedule.timezone or "tz" in schedule.options or "timezone" in schedule.options or "timeZone" in schedule.options:
            yield Pass(spot(schedule, f"{name} names its time zone"))
        elif not isinstance(cron, str):
            yield Undecided(f"when {name} runs is only known at run time", spot(schedule))
        elif _names_an_hour(cron):
            message = f"{name} runs at `{cron}` in whatever time zone its process has."
            yield Fail(spot(schedule), message, (schedule.system,))
        else:
            yield Pass(spot(schedule, f"{name} runs at every hour alike"))


def _names_an_hour(cron: str) -> bool:
    """True if the hours are not all alike, or the days are not."""
    fields = cron.split()
    return len(fields) in (5, 6) and any(not _ALL.match(part) for part in fields[-4:])


_CODE = (
    'import { Queue } from "bullmq";\nconst reports = new Queue("report");\n'
    'await reports.upsertJobScheduler("daily", { pattern: "0 2 * * *"ZONE });\n'
)

RULE = Rule(
    id="JOB302",
    name="timezone-unset",
    title="Schedules at the hour of whatever machine they run on",
    severity="high",
    systems=_LOCAL,
    what="A cron that names an hour or a day, without a time zone, on a system that takes the zone of the process.",
    why="The same line runs at another time on a laptop, in a container without `TZ`, and on a host that was set up by somebody else. "
    "Measured with BullMQ: `0 2 * * *` ran at 02:00, 07:00 and 20:30 UTC under three settings of `TZ`. Where the zone has summer time, "
    "an hour between one and three is left out once a year and comes twice once a year.",
    how="The cron's hour, day and weekday, and the options of the schedule. Crons that are the same at every hour (`*/15 * * * *`) are "
    "left out.",
    false_alarms="Processes that all have `TZ` set, which the code does not show.",
    migration="Inngest, pg-boss, pg_cron and Celery take UTC where nothing is said: a rewrite that writes no zone moves the job.",
    fix="unsafe",
    hint="Write the zone that is meant, or UTC to keep what a container does now.",
    effort=Effort(5, 10, "place", "an estimate"),
    sources=("BullMQ guide, Repeat strategies; measured with BullMQ 6.7 under TZ=UTC, America/New_York and Asia/Kolkata",),
    examples=(
        Example("bullmq", bad={"daily.ts": _CODE.replace("ZONE", "")}, good={"daily.ts": _CODE.replace("ZONE", ', tz: "Europe/Berlin"')}),
        Example(
            "node-cron",
            bad={"daily.ts": 'import cron from "node-cron";\ncron.schedule("30 8 * * 1", () => report());\n'},
            good={"daily.ts": 'import cron from "node-cron";\ncron.schedule("30 8 * * 1", () => report(), { timezone: "UTC" });\n'},
        ),
    ),
    check=check,
)
