"""JOB301: many jobs start in the same minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Schedule
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems.schedule_times import times

#: a job that starts at most so often a day has a minute of its own to choose
_RARE = 2
#: so many daily jobs in one minute are a collision
_MANY = 2


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each minute of the day that several daily jobs share."""
    by_minute: defaultdict[tuple[int, str], list[Schedule]] = defaultdict(list)
    rare: list[Schedule] = []
    for schedule in evidence.of(Schedule):
        minutes = times(schedule).minutes
        if 0 < len(minutes) <= _RARE:
            rare.append(schedule)
            for minute in minutes:
                # One job that two systems can run is one job.
                if _name(schedule) not in map(_name, by_minute[minute, schedule.timezone]):
                    by_minute[minute, schedule.timezone].append(schedule)
    collided = False
    for (minute, zone), schedules in sorted(by_minute.items()):
        if len(schedules) >= _MANY:
            collided = True
            names = ", ".join(f"`{_name(s)}`" for s in schedules)
            message = f"{len(schedules)} daily jobs start at {minute // 60:02}:{minute % 60:02} {zone}".rstrip() + f": {names}."
            yield Fail(spot(schedules[0]), message, tuple(sorted({s.system for s in schedules})), spots(schedules[1:]))
    if rare and not collided:
        yield Pass(spot(rare[0], "every daily job has a minute of its own"))


def _name(schedule: Schedule) -> str:
    return schedule.name or schedule.job_name


_TWO = (
    "from celery import Celery\napp = Celery()\napp.conf.beat_schedule = {\n"
    '    "report": {"task": "app.report", "schedule": crontab(hour=3, minute=0)},\n'
    '    "clean": {"task": "app.clean", "schedule": crontab(hour=3, minute=MINUTE)},\n}\n'
)
_IMPORT = "from celery.schedules import crontab\n"

RULE = Rule(
    id="JOB301",
    name="cron-collision",
    title="Daily jobs that start in the same minute",
    severity="high",
    systems=(),
    what="Two jobs or more that run once or twice a day, or less often, and start in the same minute of the same time zone.",
    why="They compete for workers, database connections and rate limits in one minute and leave the rest of the night idle. Full hours, "
    "midnight above all, are what everybody else has chosen as well.",
    how="Each cron is followed through a year; the minutes of the day at which it starts are compared.",
    false_alarms="Jobs that cost nothing, and jobs on different days of the week.",
    migration="A target with less concurrency makes them wait for each other; one with more makes the peak higher.",
    fix="unsafe",
    hint="Move all but one by a few odd minutes.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("seen in public applications: two daily jobs at 03:15, six jobs at 00:00",),
    examples=(
        Example("celery", bad={"app.py": _IMPORT + _TWO.replace("MINUTE", "0")}, good={"app.py": _IMPORT + _TWO.replace("MINUTE", "17")}),
    ),
    check=check,
)
