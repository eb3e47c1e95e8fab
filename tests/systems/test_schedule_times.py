from __future__ import annotations

import pytest

from migrator.jobs import Expression, Literal, Location, Schedule, Span, Value
from migrator.systems.schedule_times import times


def schedule(cron: Value | None = None, interval: Value | None = None) -> Schedule:
    return Schedule(
        system="celery", language="python", name="x", location=Location("a.py", 1, 0, 1, Span(0, 1)), cron=cron, interval=interval
    )


@pytest.mark.parametrize(
    ("cron", "minutes"),
    [
        ("0 3 * * *", (180,)),
        ("@daily", (0,)),
        ("*/30 9-10 * * mon", (540, 570, 600, 630)),
        # Once a year is a day like any other.
        ("15 23 29 12 *", (1395,)),
        # Six fields: seconds come first.
        ("30 0 3 * * *", (180,)),
        # Every few seconds: each minute of the day, however many runs that makes.
        ("*/10 * * * * *", tuple(range(1440))),
        ("* * * * *", tuple(range(1440))),
        ("0 0 L * *", (0,)),
    ],
)
def test_minutes_of_a_day(cron: str, minutes: tuple[int, ...]) -> None:
    found = times(schedule(Literal(cron)))
    assert found.minutes == minutes
    assert found.words


@pytest.mark.parametrize("cron", ["", "whenever", "61 * * * *", "H 3 * * *", "0 0 30 2 *", "* * *"])
def test_what_is_no_cron_says_nothing(cron: str) -> None:
    assert times(schedule(Literal(cron))) == times(schedule())
    assert times(schedule()).minutes == ()


def test_what_is_known_only_at_run_time_says_nothing() -> None:
    assert times(schedule(Expression("settings.CRON"))).minutes == ()
    assert times(schedule(interval=Literal(60))).minutes == ()
