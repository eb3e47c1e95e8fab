"""Schedules that SQL puts into the table of Django Q."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Schedule, literal_of
from tests.scanners.conftest import Scan

INSERT = "INSERT INTO django_q_schedule (name, func, schedule_type, cron, minutes, repeats) VALUES "
NIGHTLY = f"{INSERT}('nightly', 'shop.tasks.sweep', 'C', '0 3 * * *', NULL, -1)"
Row = tuple[str, str, object, str]


def schedules(inventory: Inventory) -> list[Row]:
    return [(s.name, s.job_name, literal_of(s.cron) or literal_of(s.interval), s.confidence) for s in inventory.of(Schedule, "django-q")]


def migration(run: str) -> dict[str, str]:
    code = f"from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = [{run}]\n"
    return {"shop/migrations/0002_jobs.py": code}


ROWS: dict[str, tuple[object, str]] = {
    "('a', 'shop.tasks.sweep', 'C', '*/5 * * * *', NULL, -1)": ("*/5 * * * *", "certain"),
    "('a', 'shop.tasks.sweep', 'I', NULL, 15, -1)": (900, "certain"),
    "('a', 'shop.tasks.sweep', 'D', NULL, NULL, -1)": (86_400, "certain"),
    "('a', 'shop.tasks.sweep', 'M', NULL, NULL, -1)": (None, "likely"),
    "('a', 'shop.tasks.sweep', 'C', NULL, NULL, -1)": (None, "likely"),
}


@pytest.mark.parametrize("row", ROWS)
def test_when_a_row_fires(scan_tree: Scan, row: str) -> None:
    fires, confidence = ROWS[row]
    assert schedules(scan_tree(migration(f'migrations.RunSQL("{INSERT}{row}")'))) == [("a", "shop.tasks.sweep", fires, confidence)]


def test_several_rows_and_what_a_cursor_is_handed(scan_tree: Scan) -> None:
    code = (
        "def fill(cursor):\n"
        f"    cursor.execute(\"{INSERT}('a', 'shop.a', 'H', NULL, NULL, -1), ('b', 'shop.b', 'W', NULL, NULL, -1)\")\n"
        f"    cursor.execute(\"{INSERT}(%s, %s, 'C', '0 1 * * *', NULL, -1)\", ['c', 'shop.c'])\n"
    )
    assert sorted(schedules(scan_tree({"shop/setup.py": code}))) == [
        ("a", "shop.a", 3_600, "certain"),
        ("b", "shop.b", 604_800, "certain"),
        ("c", "shop.c", "0 1 * * *", "certain"),
    ]


def test_a_script_may_not_have_been_run(scan_tree: Scan) -> None:
    assert schedules(scan_tree({"ops/jobs.sql": f"{NIGHTLY};"})) == [("nightly", "shop.tasks.sweep", "0 3 * * *", "likely")]


def test_a_row_that_runs_once_is_no_schedule_and_is_said(scan_tree: Scan) -> None:
    row = f"{INSERT}('a', 'shop.tasks.sweep', 'O', NULL, NULL, 1)"
    inventory = scan_tree(
        {**migration(f'migrations.RunSQL("{row}")'), "shop/a.py": "from django_q.tasks import async_task\nasync_task('shop.b')\n"}
    )
    assert schedules(inventory) == []
    assert [u.reason for u in inventory.unresolved] == ["a row of Django Q that runs once, when its `next_run` says"]


NONE = {
    "a reverse": f'migrations.RunSQL("select 1", "{NIGHTLY}")',
    "another table": f'migrations.RunSQL("{NIGHTLY.replace("django_q_schedule", "my_django_q_schedule_log")}")',
    "what only reads": "migrations.RunSQL(\"select name, func from django_q_schedule where name = 'a'\")",
    "what takes away": "migrations.RunSQL(\"delete from django_q_schedule where name = 'a'\")",
}


@pytest.mark.parametrize("run", NONE.values(), ids=NONE)
def test_look_alikes(scan_tree: Scan, run: str) -> None:
    assert schedules(scan_tree(migration(run))) == []
