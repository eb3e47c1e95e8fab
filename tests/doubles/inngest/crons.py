"""When a cron trigger fires: five fields, UTC unless a `TZ=` prefix says otherwise, as on the real server.

An hour that the clock skips has no firing; one that it goes through twice has two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, {m: n for n, m in enumerate(_MONTHS, 1)}, {d: n for n, d in enumerate(_DAYS)})
_ANY = ("*", "?")


def firings(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments in `(after, until]`, in UTC. Raises ValueError for a line that is not understood.

    >>> [str(m) for m in firings("TZ=Europe/Berlin 30 2 * * *", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))]
    ['2026-01-01 01:30:00+00:00']
    """
    zone, line = "UTC", cron.strip()
    if line.startswith(("TZ=", "CRON_TZ=")):
        prefix, line = line.split(maxsplit=1)
        zone = prefix.partition("=")[2]
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"a cron line has five fields: {cron!r}")
    minutes, hours, days, months, weekdays = (_values(field, number) for number, field in enumerate(fields))
    either_day = fields[2] not in _ANY and fields[4] not in _ANY
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while moment <= until:
        local = moment.astimezone(ZoneInfo(zone))
        by_date, by_weekday = local.day in days, local.isoweekday() % 7 in weekdays
        day = by_date or by_weekday if either_day else by_date and by_weekday
        if local.minute in minutes and local.hour in hours and local.month in months and day:
            yield moment
        moment += timedelta(minutes=1)


def _values(text: str, number: int) -> frozenset[int]:
    """The values of one field: `*`, `5`, `mon`, `1-5`, `*/10`, `10/20`, and lists of those."""
    lowest, highest = _FIELDS[number]
    values: set[int] = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in _ANY:
            start, end = lowest, highest
        else:
            start = _number(first, number)
            end = _number(last, number) if last else highest if step else start
        if not lowest <= start <= end <= highest:
            raise ValueError(f"{part!r} is outside {lowest}-{highest}")
        values.update(range(start, end + 1, int(step or 1)))
    return frozenset(values)


def _number(text: str, field: int) -> int:
    return _NAMES[field][text] if text in _NAMES[field] else int(text)
