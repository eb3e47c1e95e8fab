"""How long the server waits before it tries again: a fixed table, or what the error asked for. Without the jitter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

BACKOFF = (15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200)
SHORTEST, LONGEST = 1, 86_400


def wait_before_retry(failures: int, retry_after: str, now: datetime) -> timedelta:
    """Time until the next attempt after `failures` failed ones. `retry_after`: seconds, or a date in ISO 8601 or of HTTP.

    >>> wait_before_retry(1, "", datetime.now(UTC)), wait_before_retry(2, "", datetime.now(UTC))
    (datetime.timedelta(seconds=15), datetime.timedelta(seconds=30))
    >>> wait_before_retry(1, "90", datetime.now(UTC))
    datetime.timedelta(seconds=90)
    """
    if not retry_after:
        return timedelta(seconds=BACKOFF[min(failures, len(BACKOFF)) - 1])
    if retry_after.replace(".", "", 1).isdigit():
        seconds = float(retry_after)
    else:
        seconds = (_date(retry_after) - now).total_seconds()
    return timedelta(seconds=min(max(seconds, SHORTEST), LONGEST))


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return parsedate_to_datetime(text).astimezone(UTC)
