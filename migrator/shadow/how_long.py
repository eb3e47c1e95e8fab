"""How long, as people write it: `90s`, `30min`, `2h`, `7d`."""

from __future__ import annotations

from migrator.regex import regex

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_TIME = regex(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)\s*")


def seconds_of(text: str) -> float | None:
    """The seconds; None where it is written in another way.

    >>> seconds_of("2h"), seconds_of(" 1.5 d"), seconds_of("2h30min")
    (7200.0, 129600.0, None)
    """
    match = _TIME.fullmatch(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None
