"""What Celery's `crontab(...)` matches: explicit numbers for each field, by Celery's own grammar (celery 5.7.0)."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.regex import regex

#: field -> (smallest, largest) value, in the order of crontab's positional parameters
FIELDS: dict[str, tuple[int, int]] = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day_of_week": (0, 6),
    "day_of_month": (1, 31),
    "month_of_year": (1, 12),
}

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_PART = regex(r"(?:(?P<star>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")


def expand(field: str, spec: str | int | Iterable[int]) -> frozenset[int]:
    """The values of `field` that `spec` matches; Sunday is 0, and a range may wrap around.

    Raises:
        ValueError: Celery refuses it, or it is not of a form that we know.

    >>> sorted(expand("hour", "9,17")), sorted(expand("day_of_week", "fri-mon")), sorted(expand("day_of_month", "*/10"))
    ([9, 17], [0, 1, 5, 6], [1, 11, 21, 31])
    """
    low, high = FIELDS[field]
    if isinstance(spec, int):
        values = {spec}
    elif isinstance(spec, str):
        values = {value for part in spec.split(",") for value in _part(part.strip(), low, high)}
    else:
        values = set(spec)
    if not values or not all(low <= value <= high for value in values):
        raise ValueError(f"{spec!r} is outside {low} to {high} of {field}")
    return frozenset(values)


def _part(part: str, low: int, high: int) -> list[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is not a part of a crontab")
    step = int(match["step"] or 1)
    if step < 1:
        raise ValueError(f"{part!r} has a step below one")
    if match["star"]:
        return list(range(low, high + 1))[::step]
    first = _number(match["first"])
    if match["last"] is None:
        # Celery has no rule for `5/10`; what it makes of it is an accident.
        if match["step"]:
            raise ValueError(f"{part!r} has a step without a range")
        return [first]
    last = _number(match["last"])
    for value in (first, last):
        if not low <= value <= high:
            raise ValueError(f"{part!r} is outside {low} to {high}")
    values = list(range(first, last + 1)) if first <= last else [*range(first, high + 1), *range(low, last + 1)]
    return values[::step]


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    name = text.lower()[:3]
    if name in MONTHS:
        return MONTHS.index(name) + 1
    return WEEKDAYS.index(name)
