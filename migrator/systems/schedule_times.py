"""When schedules run, as far as their text tells: minutes of a day for the drawing, words for people, moments to compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from cronsim import CronSim, CronSimError

from migrator.jobs import Schedule, Value, literal_of
from migrator.systems.cron_zone import split_zone

#: a Thursday; any day would do, as all days of a year are looked at
_FROM = datetime(2026, 1, 1, tzinfo=UTC)
#: before the clocks change in Europe and America, so that fifty daily runs hold a change; any fixed year tells the same
_BEFORE_CHANGE = datetime(2026, 2, 15, tzinfo=UTC)
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
    return _shortest(cron)


@cache
def _shortest(cron: str) -> float | None:
    try:
        runs = list(islice(_from(cron, _FROM), _GAPS))
    except (CronSimError, StopIteration):
        return None
    return min(((after - before).total_seconds() for before, after in pairwise(runs)), default=None)


def is_cron(text: str) -> bool:
    """True for five or six fields that say a time which comes, and for `@daily` and its kin.

    >>> is_cron("*/5 * * * *"), is_cron("30 */5 * * * *"), is_cron("@daily"), is_cron("1 2 3"), is_cron("61 * * * *")
    (True, True, True, False, False)
    """
    try:
        return next(_from(text, _FROM), None) is not None
    except (CronSimError, StopIteration):
        return False


def next_runs(cron: Value | None, zone: str, count: int) -> tuple[datetime, ...] | None:
    """The next runs in UTC of a cron in a time zone (IANA name); None where the text, or the zone, does not tell.

    A zone in front of the cron (`TZ=Europe/Berlin 0 9 * * *`) goes before `zone`.

    >>> from migrator.jobs import Literal
    >>> a, b = next_runs(Literal("0 9 * * *"), "Europe/Berlin", 50), next_runs(Literal("TZ=Europe/Berlin 0 9 * * *"), "UTC", 50)
    >>> a == b, a[0].isoformat(), a[-1].isoformat()
    (True, '2026-02-15T08:00:00+00:00', '2026-04-05T07:00:00+00:00')
    >>> next_runs(Literal("@daily"), "UTC", 50) == next_runs(Literal("0 0 * * *"), "UTC", 50)
    True
    >>> next_runs(Literal("every now and then"), "UTC", 1), next_runs(Literal("0 9 * * *"), "local", 1)
    (None, None)
    """
    text = literal_of(cron)
    if not isinstance(text, str):
        return None
    fields, said = split_zone(text)
    try:
        runs = _from(fields, _BEFORE_CHANGE.astimezone(ZoneInfo(said or zone)))
        return tuple(run.astimezone(UTC) for run in islice(runs, count))
    except (CronSimError, ZoneInfoNotFoundError, ValueError, OSError, StopIteration):
        return None


def _from(cron: str, moment: datetime) -> CronSim:
    return CronSim(_NICKNAMES.get(cron.strip().lower(), cron), moment)


@cache
def _cron(text: str) -> Times:
    try:
        runs = _from(text, _FROM - timedelta(seconds=1))
        words, first = runs.explain(), next(runs, None)
    except (CronSimError, StopIteration):
        return Times((), "")
    # On each day that has any, runs start in the same minutes.
    comes = first is not None and first < _FROM + timedelta(days=366)
    return Times(tuple(hour * 60 + minute for hour in sorted(runs.hours) for minute in sorted(runs.minutes)) if comes else (), words)
