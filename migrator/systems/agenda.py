"""Agenda 2 to 6."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.jobs import Backoff
from migrator.regex import regex
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="agenda",
    title="Agenda",
    languages=("typescript", "javascript"),
    npm=(
        *("agenda", "@hokify/agenda", "@rocket.chat/agenda", "@types/agenda", "agendash", "@agendajs/mongo-backend"),
        *("@agendajs/postgres-backend", "@agendajs/redis-backend"),
    ),
    environment=("AGENDA_*",),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    time_unit="ms",
    priority="higher sooner",
    default_timezone="local",
    acknowledgement="late",
    closes=("stop", "drain"),
    source="agenda 6.2, its types",
)

#: seconds in each unit of an interval that is given in words
_UNITS: Mapping[str, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
_NUMBERS: Mapping[str, float] = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "half": 0.5}
_PART = regex(r"(?P<count>\d+(?:\.\d+)?|[a-z]+)?\s*(?P<unit>second|minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
_BETWEEN = regex(r"[\s,]*(?:and)?[\s,]*")


def seconds_of(words: str) -> float | None:
    """An interval in words in seconds; None for anything else.

    >>> seconds_of("3 minutes"), seconds_of("1 hour and 30 minutes"), seconds_of("minute"), seconds_of("tomorrow at noon")
    (180, 5400, 60, None)
    """
    total, position = 0.0, 0
    text = words.strip()
    while position < len(text):
        match = _PART.match(text, position)
        count = (match["count"] or "1").lower() if match else ""
        number = float(count) if count and count[0].isdigit() else _NUMBERS.get(count)
        if match is None or number is None:
            return None
        total += number * _UNITS[match["unit"].lower()]
        between = _BETWEEN.match(text, match.end())
        position = between.end() if between else match.end()
    return (int(total) if total == int(total) else total) if total else None
