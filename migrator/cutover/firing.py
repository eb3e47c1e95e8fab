"""Whether two schedules start at the same moments: their next runs in UTC, side by side."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from migrator.jobs import Value, literal_of

#: so many runs are compared (reference: 50 next fire times, daylight saving among them)
RUNS = 50
_PREFIX = re.compile(r"^\s*(?:CRON_)?TZ=(\S+)\s+")
#: before the clocks change in Europe and America, so that fifty daily runs hold a change; any fixed year tells the same
_FROM = datetime(2026, 2, 15, tzinfo=UTC)


def next_runs(cron: Value | None, zone: str, count: int = RUNS) -> tuple[datetime, ...] | None:
    """The next runs in UTC of a cron in a time zone (IANA name); None where the text, or the zone, does not tell.

    A zone in front of the cron (`TZ=Europe/Berlin 0 9 * * *`) goes before `zone`.

    >>> from migrator.jobs import Literal
    >>> a, b = next_runs(Literal("0 9 * * *"), "Europe/Berlin"), next_runs(Literal("TZ=Europe/Berlin 0 9 * * *"), "UTC")
    >>> a == b, a[0].isoformat(), a[-1].isoformat()
    (True, '2026-02-15T08:00:00+00:00', '2026-04-05T07:00:00+00:00')
    >>> next_runs(Literal("every now and then"), "UTC"), next_runs(Literal("0 9 * * *"), "local")
    (None, None)
    """
    text = literal_of(cron)
    if not isinstance(text, str):
        return None
    prefix = _PREFIX.match(text)
    try:
        where = ZoneInfo(prefix[1] if prefix else zone)
        runs = CronSim(_PREFIX.sub("", text), _FROM.astimezone(where))
        return tuple(run.astimezone(UTC) for run in islice(runs, count))
    except (CronSimError, ZoneInfoNotFoundError, ValueError, OSError, StopIteration):
        return None
