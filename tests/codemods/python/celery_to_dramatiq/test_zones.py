"""The time zone of beat's crontabs: Celery's own setting, Django's, or UTC, by the version of Celery."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import Moved, check_left, move

CELERY = """
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""

SETTINGS = """
from celery.schedules import crontab

CELERY_BROKER_URL = "redis://localhost:6379/0"
CELERY_BEAT_SCHEDULE = {
    "nightly": {"task": "shop.jobs.f", "schedule": crontab(hour=3, minute=0)},
}
"""

JOBS = """
from celery import shared_task


@shared_task
def f():
    print(1)
"""


def _files(zone: str, version: str, *, also: str = "") -> dict[str, str]:
    files = {"shop/app.py": CELERY, "shop/settings.py": f"{zone}\n{SETTINGS}", "shop/jobs.py": JOBS}
    files |= {"requirements.txt": f"celery[redis]{version}\n"}
    return files | ({"shop/other_settings.py": also} if also else {})


def _zone(moved: Moved) -> str:
    return moved.generated["shop/dramatiq_scheduler.py"].partition('day_of_week="*", timezone="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("zone", "version", "expected"),
    [
        pytest.param('TIME_ZONE = "Europe/Berlin"', "==5.4.0", "Europe/Berlin", id="Django's"),
        pytest.param('TIME_ZONE = "Europe/Berlin"', ">=5.3,<6", "Europe/Berlin", id="Django's, of a range"),
        pytest.param('TIME_ZONE = "Europe/Berlin"', "==5.2.7", "UTC", id="before Celery 5.3"),
        pytest.param('TIME_ZONE = "Europe/Berlin"', "~=5.2.0", "UTC", id="a range before 5.3"),
        pytest.param('TIME_ZONE = "UTC"', "", "UTC", id="the same in every version"),
        pytest.param('TIME_ZONE = "Europe/Berlin"\nCELERY_TIMEZONE = "Asia/Tokyo"', "", "Asia/Tokyo", id="Celery's own"),
        pytest.param('TIME_ZONE = "Europe/Berlin"\nCELERY_TIMEZONE = TIME_ZONE', "", "Europe/Berlin", id="Celery's own is Django's"),
        pytest.param('TIME_ZONE = "Europe/Berlin"\nCELERY_TIMEZONE = None', "==5.4.0", "Europe/Berlin", id="Celery's own is nothing"),
        pytest.param("USE_TZ = True", "==5.4.0", "America/Chicago", id="what Django has by itself"),
    ],
)
def test_the_time_zone_of_a_django_project(tmp_path: Path, zone: str, version: str, expected: str) -> None:
    assert _zone(move(tmp_path, _files(zone, version))) == expected


@pytest.mark.parametrize(
    ("zone", "version", "also", "reason"),
    [
        pytest.param('TIME_ZONE = "Europe/Berlin"', "", "", "Europe/Berlin) from Celery 5.3 on, before in UTC", id="any version"),
        pytest.param('TIME_ZONE = "Europe/Berlin"', ">=5.2", "", "set `CELERY_TIMEZONE`", id="versions of both kinds"),
        pytest.param("TIME_ZONE = env('ZONE')", "==5.4.0", "", "not plain to read; set `CELERY_TIMEZONE`", id="from outside"),
        pytest.param(
            'TIME_ZONE = "UTC"', "==5.4.0", 'TIME_ZONE = "Asia/Tokyo"\n', "shop/other_settings.py and shop/settings.py", id="two of them"
        ),
        pytest.param("CELERY_TIMEZONE = env('ZONE')", "==5.4.0", "", "write `CELERY_TIMEZONE` as a text", id="Celery's own from outside"),
    ],
)
def test_a_time_zone_that_cannot_be_told_keeps_the_job(tmp_path: Path, zone: str, version: str, also: str, reason: str) -> None:
    moved = check_left(tmp_path, _files(zone, version, also=also), "MIG142", unsafe=True)
    assert any(reason in d.summary for d in moved.changes.decisions if d.kind == "schedule")


def test_intervals_need_no_time_zone(tmp_path: Path) -> None:
    files = _files('TIME_ZONE = "Europe/Berlin"', "")
    files["shop/settings.py"] = files["shop/settings.py"].replace("crontab(hour=3, minute=0)", "30")
    moved = move(tmp_path, files)
    assert "IntervalTrigger(seconds=30)" in moved.generated["shop/dramatiq_scheduler.py"]


def test_a_module_of_settings_of_its_own(tmp_path: Path) -> None:
    """Celery looks for the name in whatever configures it."""
    app = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("shop.celeryconfig")\n'
    config = """
    from celery.schedules import crontab

    TIME_ZONE = "Europe/Berlin"
    broker_url = "redis://localhost:6379/0"
    beat_schedule = {"nightly": {"task": "shop.jobs.f", "schedule": crontab(hour=3, minute=0)}}
    """
    moved = move(
        tmp_path, {"shop/app.py": app, "shop/celeryconfig.py": config, "shop/jobs.py": JOBS, "requirements.txt": "celery==5.4.0\n"}
    )
    assert _zone(moved) == "Europe/Berlin"
