"""When the generated scheduler starts a job, held against when Celery's crontab would."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from migrator.codemods.python.celery_to_dramatiq.schedules import cron_trigger
from migrator.systems.celery_crontab import FIELDS, expand

NUMBERS = {field: st.integers(*FIELDS[field]) for field in FIELDS}
SPECS = st.fixed_dictionaries(
    {},
    optional={
        field: st.one_of(
            NUMBERS[field],
            st.builds("{}-{}".format, NUMBERS[field], NUMBERS[field]),
            st.integers(2, 7).map("*/{}".format),
            st.lists(NUMBERS[field].map(str), min_size=1, max_size=4).map(",".join),
        )
        for field in FIELDS
    },
)
DAYS = 800
START = datetime(2030, 1, 1, tzinfo=ZoneInfo("UTC"))


def celery_fires(spec: dict[str, int | str], after: datetime) -> datetime | None:
    """The first minute after `after` that all five fields match: Celery's rule, by trying."""
    sets = {field: expand(field, spec.get(field, "*")) for field in FIELDS}
    moment = after.replace(second=0, microsecond=0)
    for day in range(DAYS):
        start = moment + timedelta(days=day)
        weekday = start.isoweekday() % 7
        if start.day not in sets["day_of_month"] or start.month not in sets["month_of_year"] or weekday not in sets["day_of_week"]:
            continue
        for hour in sorted(sets["hour"]):
            for minute in sorted(sets["minute"]):
                found = start.replace(hour=hour, minute=minute)
                if found > after:
                    return found
    return None


def evaluated(source: str) -> Any:
    return eval(source, {"CronTrigger": CronTrigger})  # noqa: S307


@settings(max_examples=150)
@given(spec=SPECS, after=st.integers(0, 2 * 365 * 24 * 3600).map(lambda n: START + timedelta(seconds=n)))
def test_both_fire_at_the_same_minute(spec: dict[str, int | str], after: datetime) -> None:
    expected = celery_fires(spec, after)
    assume(expected is not None)
    trigger = evaluated(cron_trigger(spec, "UTC"))
    assert trigger.get_next_fire_time(None, after + timedelta(microseconds=1)) == expected


def test_day_of_month_and_weekday_must_both_match() -> None:
    """The first Sunday of a month; a cron daemon would take every Sunday and every one of the first seven days."""
    trigger = evaluated(cron_trigger({"day_of_month": "1-7", "day_of_week": "sun", "hour": 9, "minute": 0}, "UTC"))
    moment, found = datetime(2031, 1, 1, tzinfo=ZoneInfo("UTC")), []
    for _ in range(3):
        moment = trigger.get_next_fire_time(None, moment + timedelta(minutes=1))
        found.append((moment.month, moment.day))
    assert found == [(1, 5), (2, 2), (3, 2)]
