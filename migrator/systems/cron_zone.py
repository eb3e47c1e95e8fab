"""The time zone that some systems take in front of a cron."""

from __future__ import annotations

import re

from migrator.regex import regex

_ZONE = regex(r"^\s*(?:CRON_)?TZ=(\S+)\s+(.*?)\s*$", re.DOTALL)


def split_zone(expression: str) -> tuple[str, str]:
    """(the fields, the IANA time zone or empty where none is said).

    >>> split_zone("TZ=Europe/Berlin 30 2 * * *"), split_zone("CRON_TZ=Asia/Tokyo @daily"), split_zone("0 */6 * * *")
    (('30 2 * * *', 'Europe/Berlin'), ('@daily', 'Asia/Tokyo'), ('0 */6 * * *', ''))
    """
    match = _ZONE.match(expression)
    return (match[2], match[1]) if match else (expression.strip(), "")
