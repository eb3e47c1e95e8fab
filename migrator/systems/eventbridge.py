"""How EventBridge (CloudWatch Events, EventBridge Scheduler, Lambda schedules) writes times: `rate(…)`, `cron(…)` with six fields, `at(…)`.

The sixth field is a year; `?` stands for "no matter" in one of the two day fields, of which only one may be given; weekdays count
from 1 (Sunday) to 7. UTC, unless a schedule of EventBridge Scheduler names a time zone.
"""

from __future__ import annotations

import re

from migrator.jobs import Expression, Literal, Value
from migrator.regex import regex

_RATE = regex(r"rate\(\s*(\d+)\s+(minute|hour|day|week)s?\s*\)", re.IGNORECASE)
_CRON = regex(r"cron\(\s*([^)]*?)\s*\)", re.IGNORECASE)
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
#: marks that five fields have no words for: last, nearest weekday, the n-th weekday of a month
_BEYOND = regex(r"[LW#]")
_NAMED = regex(r"\b(SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b", re.IGNORECASE)


def when(expression: Value) -> tuple[Value | None, Value | None]:
    """(cron, interval in seconds) of a schedule expression; a cron in five fields where these can say the same, else as written.

    >>> when(Literal("rate(5 minutes)"))
    (None, Literal(value=300))
    >>> when(Literal("cron(0 9 ? * 2-6 *)"))
    (Literal(value='0 9 * * 1-5'), None)
    >>> when(Literal("cron(0 9 L * ? *)"))
    (Literal(value='cron(0 9 L * ? *)'), None)
    """
    if isinstance(expression, Expression) or not isinstance(expression.value, str):
        return expression, None
    text = expression.value.strip()
    rate = _RATE.fullmatch(text)
    if rate is not None:
        return None, Literal(int(rate[1]) * _SECONDS[rate[2].lower()])
    cron = _CRON.fullmatch(text)
    fields = cron[1].split() if cron is not None else text.split()
    return Literal(five_fields(fields) or text), None


def five_fields(fields: list[str]) -> str:
    """The six fields of EventBridge as five; empty where five cannot say the same."""
    if len(fields) != 6 or fields[5] not in ("*", "?"):
        return ""
    minute, hour, day, month, weekday = ("*" if f == "?" else f for f in fields[:5])
    if _BEYOND.search(_NAMED.sub("", f"{day} {weekday}")):
        return ""
    # A weekday after `/` or `#` is a step or a count, not a day.
    shifted = re.sub(r"(?<![/\d])[1-7](?!\d)", lambda m: str(int(m[0]) - 1), weekday)
    return f"{minute} {hour} {day} {month} {shifted}"


def is_once(expression: Value | None) -> bool:
    """True for `at(…)`, which comes only once."""
    return isinstance(expression, Literal) and isinstance(expression.value, str) and expression.value.strip().startswith("at(")
