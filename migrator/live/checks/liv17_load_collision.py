"""LIV17: schedules start too much in the same minute."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from migrator.jobs import Schedule
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Queue, Untold
from migrator.rules.evidence import spot
from migrator.rules.rule import Fail, Outcome, Pass, Undecided
from migrator.systems.schedule_times import times

#: minutes in which jobs were enqueued, and jobs in the fullest of them: with fewer a median says nothing
_FEWEST_MINUTES, _FEWEST_JOBS = 10, 20
_UTC = ("", "UTC", "Etc/UTC", "GMT")


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue that keeps when its jobs were enqueued, where there are two schedules at least."""
    for queue in look.queues:
        schedules = [s for s in look.inventory.production if isinstance(s, Schedule) and s.system == queue.system and s.timezone in _UTC]
        if len(schedules) < 2:
            continue
        if isinstance(queue.minutes, Untold):
            yield Undecided(queue.minutes.reason, queue.spot())
        elif len(queue.minutes) < _FEWEST_MINUTES:
            yield Undecided("jobs that are stored were enqueued in too few different minutes to say what is usual", queue.spot())
        else:
            yield _judged(look, queue, queue.minutes, schedules)


def _judged(look: Look, queue: Queue, minutes: dict[int, int] | object, schedules: list[Schedule]) -> Outcome:
    counts: dict[int, int] = dict(minutes) if isinstance(minutes, dict) else {}
    usual, factor = median(counts.values()), look.limits.settings.collision
    for minute, number in sorted(counts.items(), key=lambda pair: -pair[1]):
        if number <= factor * usual or number < _FEWEST_JOBS:
            break
        of_day = minute % 1_440
        together = [schedule for schedule in schedules if of_day in times(schedule).minutes]
        if len(together) > 1:
            clock = f"{of_day // 60:02}:{of_day % 60:02} UTC"
            message = (
                f"{number:,} jobs of `{queue.name}` were enqueued in one minute, {clock}; {usual:g} are usual (limit {factor:g} times as "
                "many). "
                f"{len(together)} schedules start then."
            )
            return Fail(queue.spot(), message, (queue.system,), tuple(spot(schedule) for schedule in together))
    return Pass(queue.spot(f"{usual:g} jobs in a usual minute, {max(counts.values()):,} in the fullest"))


CHECK = LiveCheck(
    id="LIV17",
    name="load-collision",
    title="Schedules start too much in the same minute",
    severity="high",
    what="Minutes in which far more jobs were enqueued than usual, and in which two schedules or more start.",
    why="What starts at the same minute competes for workers and for the database, every day at the same time.",
    how="The time at which the jobs that are still stored were enqueued, by minute; for tables of the last seven days. The schedules are "
    "those "
    "of the code whose times are in UTC.",
    limits=("collision",),
    unknown="The system does not store when jobs were enqueued (Celery), or too few jobs are stored.",
    false_alarms="A full minute that has another cause than the schedules that also start in it.",
    migration="Keep schedules apart on the new system from the first day.",
    hint="Move one of the schedules by some minutes.",
    sources=("five times the median is an estimate",),
    check=check,
    related=("JOB301",),
)
