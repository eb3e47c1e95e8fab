"""When schedules run, as far as their text tells: minutes of a day for the drawing, words for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import msgspec
from cronsim import CronSim, CronSimError

from migrator.jobs import Schedule, literal_of

#: a Thursday; any day would do, as all days of a year are looked at
_FROM = datetime(2026, 1, 1, tzinfo=UTC)
#: so many runs tell the pattern of a day
_RUNS = 1500
#: so many runs have the shortest time between two of them, but for crons that are made to hide it
_GAPS = 300
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class Times(msgspec.Struct, frozen=True):
    """`minutes` of the day (0 to 1439) at which runs start on days that have any; empty where the text does not tell. `words` say it."""

    minutes: tuple[int, ...]
    words: str


def times(schedule: Schedule) -> Times:
    """When a schedule runs, in its own time zone."""
    cron = literal_of(schedule.cron)
    # An interval counts from the start of a process: at which minutes it falls nobody knows.
    return _cron(cron) if isinstance(cron, str) else Times((), "")


def shortest_gap(schedule: Schedule) -> float | None:
    """Seconds from one start of a schedule to the next at the least; None where the text does not tell."""
    interval, cron = literal_of(schedule.interval), literal_of(schedule.cron)
    if isinstance(interval, int | float) and not isinstance(interval, bool):
        return float(interval)
    if not isinstance(cron, str):
        return None
    try:
        runs = list(islice(CronSim(_NICKNAMES.get(cron.strip().lower(), cron), _FROM), _GAPS))
    except (CronSimError, StopIteration):
        return None
    return min(((after - before).total_seconds() for before, after in pairwise(runs)), default=None)


def _cron(text: str) -> Times:
    expression = _NICKNAMES.get(text.strip().lower(), text)
    try:
        runs = CronSim(expression, _FROM - timedelta(seconds=1))
        words = runs.explain()
        until = _FROM + timedelta(days=366)
        minutes = {run.hour * 60 + run.minute for run in islice(runs, _RUNS) if run < until}
    except (CronSimError, StopIteration):
        return Times((), "")
    return Times(tuple(sorted(minutes)), words)
