"""Five fields of cron as BullMQ's parser takes them: a worker that is given others does not start, and with it no job of its package."""

from __future__ import annotations

from migrator.regex import regex

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: (what it is, smallest, largest, names of its values from the smallest on)
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = regex(r"(?:(?P<any>[*?])|(?P<first>\d+|[a-z]{3})(?:-(?P<last>\d+|[a-z]{3}))?)(?:/(?P<step>\d+))?")


def problem(pattern: str) -> str:
    """A clause that says what is wrong with a pattern; empty for one that can be kept.

    >>> problem("*/15 8-18 * * MON-FRI"), problem("0 25 * * *"), problem("0 0 31 2 *"), problem("@daily")
    ('', 'its schedule has no hour `25`', 'its schedule names a day that no month has', 'its schedule is not five plain fields of cron')
    """
    texts = pattern.split()
    if len(texts) != len(_FIELDS):
        return "its schedule is not five plain fields of cron"
    values: list[set[int]] = []
    for text, (name, least, most, names) in zip(texts, _FIELDS, strict=True):
        found = _values(text.lower(), least, most, names)
        if found is None:
            return f"its schedule has no {name} `{text}`"
        values.append(found)
    _, _, days, months, _ = values
    if not any(day <= _LENGTHS[month - 1] for day in days for month in months):
        return "its schedule names a day that no month has"
    return ""


def _values(text: str, least: int, most: int, names: tuple[str, ...]) -> set[int] | None:
    """The values of a field; None if it is not one."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None or match["step"] == "0":
            return None
        if match["any"]:
            first, last = least, most
        else:
            first = _number(match["first"], least, names)
            last = _number(match["last"], least, names) if match["last"] else most if match["step"] else first
        if not least <= first <= last <= most:
            return None
        found |= set(range(first, last + 1, int(match["step"] or 1)))
    return found


def _number(text: str, least: int, names: tuple[str, ...]) -> int:
    """A value by its number or name; -1 for a name that is none."""
    if text.isdigit():
        return int(text)
    return names.index(text) + least if text in names else -1
