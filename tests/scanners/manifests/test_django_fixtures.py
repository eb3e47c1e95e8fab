"""Schedules that a fixture puts into the database: django-celery-beat's rows and Django Q's, and files that are no such fixture."""

from __future__ import annotations

import json
from typing import Any

import pytest

from migrator.jobs import Schedule, literal_of
from tests.scanners.conftest import Scan

ROWS = [
    {"model": "django_celery_beat.intervalschedule", "pk": 1, "fields": {"every": 5, "period": "minutes"}},
    {"model": "django_celery_beat.crontabschedule", "pk": 1, "fields": {"minute": "30", "hour": "4, 6", "timezone": "Europe/Paris"}},
]
TASKS = "from celery import shared_task\n@shared_task\ndef sweep(): ...\n"


def beat(**fields: Any) -> dict[str, Any]:
    return {"model": "django_celery_beat.periodictask", "pk": 7, "fields": {"name": "nightly sweep", "task": "app.tasks.sweep", **fields}}


def schedules(scan_tree: Scan, rows: list[Any], path: str = "app/fixtures/schedules.json") -> list[Schedule]:
    files = {"app/__init__.py": "", "app/tasks.py": TASKS, path: json.dumps(rows, indent=2)}
    return list(scan_tree(files).of(Schedule))


@pytest.mark.parametrize(
    ("fields", "cron", "interval", "zone"),
    [
        pytest.param({"interval": 1, "crontab": None}, None, 300, "", id="interval"),
        pytest.param({"interval": None, "crontab": 1}, "30 4,6 * * *", None, "Europe/Paris", id="crontab"),
    ],
)
def test_a_row_of_celery_beat(scan_tree: Scan, fields: dict[str, Any], cron: str | None, interval: float | None, zone: str) -> None:
    [found] = schedules(scan_tree, [*ROWS, beat(**fields, args="[1]", kwargs='{"deep": true}', queue="slow", enabled=False)])
    assert (found.system, found.name, found.job, found.defined_in, found.confidence) == (
        *("celery", "nightly sweep", "app.tasks:sweep", "database", "certain"),
    )
    assert (literal_of(found.cron), literal_of(found.interval), found.timezone, literal_of(found.queue)) == (cron, interval, zone, "slow")
    assert [(a.name, literal_of(a.value)) for a in found.arguments] == [("", 1), ("deep", True)]
    assert literal_of(found.options["enabled"]) is False


def test_the_place_is_the_rows(scan_tree: Scan) -> None:
    [found] = schedules(scan_tree, [beat(interval=1), ROWS[0]])
    assert (found.location.line, found.location.end_line) == (2, 10)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"interval": 3}, "the row of the interval is not in this fixture"),
        ({"interval": [5, "minutes"]}, "the row of the interval is not in this fixture"),
        ({"clocked": 1}, "clocked schedules have no cron expression"),
        ({}, "the row names no schedule"),
    ],
)
def test_a_row_whose_moment_is_not_told(scan_tree: Scan, fields: dict[str, Any], reason: str) -> None:
    [found] = schedules(scan_tree, [*ROWS, beat(**fields)])
    assert (found.cron, found.interval, found.confidence, found.reason) == (None, None, "likely", reason)


@pytest.mark.parametrize(
    ("fields", "cron", "interval"),
    [
        ({"schedule_type": "H"}, None, 3600),
        ({"schedule_type": "I", "minutes": 15}, None, 900),
        ({"schedule_type": "C", "cron": "0 5 * * 1"}, "0 5 * * 1", None),
        ({"schedule_type": "M"}, None, None),
    ],
)
def test_a_row_of_django_q(scan_tree: Scan, fields: dict[str, Any], cron: str | None, interval: float | None) -> None:
    [found] = schedules(scan_tree, [{"model": "django_q.Schedule", "pk": 1, "fields": {"func": "app.tasks.sweep", **fields}}])
    assert (found.system, found.name, found.job_name) == ("django-q", "app.tasks.sweep", "app.tasks.sweep")
    assert (literal_of(found.cron), literal_of(found.interval)) == (cron, interval)


def test_a_row_that_runs_once_is_said(scan_tree: Scan) -> None:
    rows = [{"model": "django_q.schedule", "pk": 1, "fields": {"func": "app.tasks.sweep", "schedule_type": "O"}}]
    inventory = scan_tree({"requirements.txt": "django-q2\n", "fixtures/q.json": json.dumps(rows)})
    assert (inventory.of(Schedule), ["runs once" in u.reason for u in inventory.unresolved]) == ((), [True])


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        pytest.param([{"model": "auth.user", "pk": 1, "fields": {"name": "django_q.schedule"}}], "fixtures/users.json", id="other rows"),
        pytest.param(["django_celery_beat.periodictask", 3, None], "fixtures/list.json", id="no rows"),
        pytest.param({"model": "django_celery_beat.periodictask"}, "fixtures/one.json", id="no list"),
        pytest.param([beat(interval=1)], "web/src/menu.json", id="no fixture"),
    ],
)
def test_json_that_is_no_fixture_of_schedules(scan_tree: Scan, rows: Any, path: str) -> None:
    assert schedules(scan_tree, rows, path) == []


def test_a_broken_fixture_is_read_as_far_as_it_goes(scan_tree: Scan) -> None:
    text = json.dumps([*ROWS, beat(interval=1)], indent=2)[:-2] + ", {"
    inventory = scan_tree({"fixtures/cut.json": text})
    assert [literal_of(s.interval) for s in inventory.of(Schedule)] == [300]
    assert any("no valid JSON" in u.reason for u in inventory.unresolved)


YAML = """\
- model: django_celery_beat.crontabschedule
  pk: 1
  fields: {minute: "30", hour: "4, 6", timezone: Europe/Paris}
- model: Django_Celery_Beat.PeriodicTask
  pk: 7
  fields:
    name: nightly sweep
    task: app.tasks.sweep
    crontab: 1
    kwargs: '{"deep": true}'
    start_time: 2026-01-01T00:00:00Z

- model: django_q.schedule
  fields: {func: app.tasks.sweep, schedule_type: H}
- model: auth.user
  fields: {username: django_q.schedule}
"""


@pytest.mark.parametrize("path", ["app/fixtures/jobs.yaml", "app/fixtures/jobs.yml", "deploy/beat.yaml"])
def test_a_fixture_in_yaml(scan_tree: Scan, path: str) -> None:
    beat_row, hourly = scan_tree({"app/__init__.py": "", "app/tasks.py": TASKS, path: YAML}).of(Schedule)
    assert (beat_row.name, beat_row.job, literal_of(beat_row.cron), beat_row.timezone, beat_row.confidence) == (
        *("nightly sweep", "app.tasks:sweep", "30 4,6 * * *", "Europe/Paris", "certain"),
    )
    assert [(a.name, literal_of(a.value)) for a in beat_row.arguments] == [("deep", True)]
    assert (beat_row.location.line, beat_row.location.end_line) == (4, 11)
    assert (hourly.system, literal_of(hourly.interval), hourly.location.line) == ("django-q", 3600, 13)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("model: django_celery_beat.periodictask\nfields: {task: app.tasks.sweep}\n", "fixtures/one.yaml", id="no list"),
        pytest.param("- django_celery_beat.periodictask\n- 3\n- model: [django_q.schedule]\n", "fixtures/odd.yaml", id="no rows"),
        pytest.param("- model: django_q.schedule\n  fields: {func: a.b, schedule_type: H}\n", "ci/steps.yaml", id="no fixture"),
    ],
)
def test_yaml_that_is_no_fixture_of_schedules(scan_tree: Scan, text: str, path: str) -> None:
    assert scan_tree({"app/__init__.py": "", "app/tasks.py": TASKS, path: text}).of(Schedule) == ()


CUT = "- model: django_celery_beat.periodictask\n  fields: {task: ["


def test_yaml_that_is_broken_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {"requirements.txt": "celery\n", "fixtures/cut.yaml": "- model: django_celery_beat.periodictask\n  fields: {task: ["}
    )
    assert any(u.path == "fixtures/cut.yaml" and "no plain YAML" in u.reason for u in inventory.unresolved)
