"""When an APScheduler `cron` trigger fires, as a cron expression (apscheduler 3.11.3; 4.0.0a6 counts weekdays as cron does)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.regex import regex

#: fields from the most to the least significant
FIELDS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")
#: what a field means that is finer than every one that is given
_FINEST = {"month": "1", "day": "1", "hour": "0", "minute": "0", "second": "0"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CRON_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = regex(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)


def cron_text(fields: Mapping[str, object], *, monday_first: bool = True) -> str:
    """A cron expression that fires when APScheduler does; with seconds in front where these are not 0.

    Fields coarser than the finest one given are free, finer ones are at their smallest. With `monday_first` weekday 0 is Monday; weekdays
    are written by name, which every cron reader takes. Day and weekday must both match.

    Raises:
        ValueError: no cron expression says the same: a year, a week, `last`, `2nd fri`.

    >>> cron_text({"hour": 5}), cron_text({"minute": "*/5"}), cron_text({"day_of_week": "0-4", "hour": 9, "minute": 30})
    ('0 5 * * *', '*/5 * * * *', '30 9 * * mon-fri')
    >>> cron_text({"second": "*/10"}), cron_text({"month": 3}), cron_text({}), cron_text({"day_of_week": "*/3", "hour": 1})
    ('*/10 * * * * *', '0 0 1 3 *', '* * * * * *', '0 1 * * mon,thu,sun')
    """
    given = {name: _text(fields[name]) for name in FIELDS if fields.get(name) is not None}
    finest = max((FIELDS.index(name) for name in given), default=len(FIELDS))
    whole = {name: given.get(name, _FINEST.get(name, "*") if index > finest else "*") for index, name in enumerate(FIELDS)}
    if whole["year"] != "*" or whole["week"] != "*" or not all(_is_plain(whole[name]) for name in FIELDS if name != "day_of_week"):
        raise ValueError(f"no cron expression for {given}")
    day_of_week = _weekdays(whole["day_of_week"], _DAYS if monday_first else _CRON_DAYS)
    written = " ".join((whole["minute"], whole["hour"], whole["day"], whole["month"], day_of_week))
    return written if whole["second"] == "0" else f"{whole['second']} {written}"


def _text(value: object) -> str:
    """
    >>> _text("00"), _text(" 05, 20 "), _text("*/5")
    ('0', '5,20', '*/5')
    """
    return re.sub(r"\b0+(?=\d)", "", "".join(str(value).lower().split()))


def _is_plain(text: str) -> bool:
    """False for `last`, `3rdfri` and the like, which have no place in a cron expression."""
    return all(_PART.fullmatch(part) and not re.match(r"last|\d+(st|nd|rd|th)", part) for part in text.split(","))


def _weekdays(text: str, names: tuple[str, ...]) -> str:
    """
    >>> _weekdays("mon-fri", _DAYS), _weekdays("6", _DAYS), _weekdays("0", _CRON_DAYS), _weekdays("1,3-4", _DAYS)
    ('mon-fri', 'sun', 'sun', 'tue,thu-fri')
    """
    return ",".join(_weekday(part, names) for part in text.split(","))


def _weekday(part: str, names: tuple[str, ...]) -> str:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"no weekday: {part}")
    star, first, last, step = match.groups()
    if star and not step:
        return "*"
    if not step:
        return "-".join(_name(bound, names) for bound in (first, last) if bound)
    low = 0 if star else names.index(_name(first, names))
    high = 6 if star or not last else names.index(_name(last, names))
    return ",".join(names[low : high + 1 : int(step)])


def _name(bound: str, names: tuple[str, ...]) -> str:
    if bound.isdigit():
        if int(bound) >= len(names):
            raise ValueError(f"no weekday: {bound}")
        return names[int(bound)]
    if bound[:3] not in names:
        raise ValueError(f"no weekday: {bound}")
    return bound[:3]
