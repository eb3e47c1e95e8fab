"""Lengths of time as the SDK writes them: `90s`, `1h30m`, `3d`, `2w`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")


def parse_duration(text: str) -> timedelta:
    """`1h30m` as a timedelta. Raises ValueError for anything else.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    if not re.fullmatch(rf"(?:{_PART.pattern})+", text):
        raise ValueError(f"not a duration: {text!r}")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))


def parse_moment(text: str, now: datetime) -> datetime:
    """When a sleep ends: a duration from now, or a moment in ISO 8601.

    >>> parse_moment("2s", datetime(2026, 1, 1, tzinfo=UTC)).second
    2
    >>> parse_moment("2026-01-02T00:00:00.000Z", datetime(2026, 1, 1, tzinfo=UTC)).day
    2
    """
    try:
        return now + parse_duration(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
