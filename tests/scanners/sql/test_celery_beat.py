# ruff: noqa: S608 - SQL under test is put together
"""Schedules that SQL puts into django-celery-beat's tables."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Literal, Schedule
from migrator.scanners.sql.inserts import inserted
from tests.scanners.conftest import Scan

TASKS = "from celery import shared_task\n\n@shared_task\ndef sweep(): ...\n\n@shared_task\ndef mail(): ...\n"
MIGRATION = """
from django.db import migrations

NAME = "hourly"

def forth(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute({executed})

class Migration(migrations.Migration):
    operations = [migrations.RunPython(forth), migrations.RunSQL({run})]
"""
CRONTAB = "INSERT INTO django_celery_beat_crontabschedule (id, minute, hour, day_of_week) VALUES (7, '0', '4', 'mon');"
NIGHTLY = (
    "INSERT INTO public.django_celery_beat_periodictask (name, task, crontab_id, args, kwargs, queue, enabled) "
    "VALUES ('nightly', 'shop.tasks.sweep', 7, '[1]', '{\"deep\": true}', 'slow', true);"
)
Row = tuple[str, str, str, object, str, str]


def schedules(inventory: Inventory) -> list[Row]:
    return [
        (s.name, s.job, s.job_name, value.value if isinstance(value := s.cron or s.interval, Literal) else None, s.confidence, s.reason)
        for s in inventory.of(Schedule)
    ]


def migration(executed: str = '"select 1"', run: str = '"select 1"') -> dict[str, str]:
    return {"shop/tasks.py": TASKS, "shop/migrations/0002_beat.py": MIGRATION.format(executed=executed, run=run)}


def test_rows_of_a_migration(scan_tree: Scan) -> None:
    inventory = scan_tree(
        migration(run=f'"""{CRONTAB} {NIGHTLY}""", "DELETE FROM django_celery_beat_periodictask WHERE name = \'nightly\'"')
    )
    assert schedules(inventory) == [("nightly", "shop.tasks:sweep", "shop.tasks.sweep", "0 4 * * mon", "certain", "")]
    (schedule,) = inventory.of(Schedule)
    assert [(a.name, a.value) for a in schedule.arguments] == [("", Literal(1)), ("deep", Literal(True))]
    assert (schedule.defined_in, schedule.options["queue"], schedule.location.line) == ("database", Literal("slow"), 11)


def test_a_crontab_that_a_condition_describes(scan_tree: Scan) -> None:
    chosen = "(SELECT id FROM django_celery_beat_crontabschedule WHERE minute = '*/5' AND hour = '*' LIMIT 1)"
    row = f"INSERT INTO django_celery_beat_periodictask (name, task, crontab_id) SELECT 'often', 'shop.tasks.mail', {chosen}"
    assert schedules(scan_tree(migration(run=f'sql="{row}"'))) == [
        ("often", "shop.tasks:mail", "shop.tasks.mail", "*/5 * * * *", "certain", "")
    ]


def test_values_that_are_handed_to_the_cursor(scan_tree: Scan) -> None:
    columns = "INSERT INTO django_celery_beat_periodictask (name, task, interval_id) VALUES (%s, %s, %s)"
    every = "INSERT INTO django_celery_beat_intervalschedule (id, every, period) VALUES (3, 10, 'minutes');"
    told = scan_tree(migration(executed=f'"{every}{columns}", [NAME, "shop.tasks.mail", 3]'))
    assert schedules(told) == [("hourly", "shop.tasks:mail", "shop.tasks.mail", 600.0, "certain", "")]
    untold = scan_tree(migration(executed=f'"{columns}", [NAME, editor.name, 3]'))
    assert schedules(untold) == [("hourly", "", "", None, "likely", "the row of the interval could not be told")]


def test_what_a_later_migration_deletes(scan_tree: Scan) -> None:
    files = migration(run=f"'''{CRONTAB} {NIGHTLY}'''")
    delete = MIGRATION.format(executed='"select 1"', run="\"DELETE FROM django_celery_beat_periodictask WHERE name = 'nightly'\"")
    assert schedules(scan_tree(files | {"shop/migrations/0003_gone.py": delete})) == []
    back = MIGRATION.format(executed='"select 1"', run='"select 1", "DELETE FROM django_celery_beat_periodictask WHERE name = \'nightly\'"')
    assert [s[0] for s in schedules(scan_tree(files | {"shop/migrations/0003_gone.py": back}))] == ["nightly"]


def test_scripts_and_dumps(scan_tree: Scan) -> None:
    dump = "COPY public.django_celery_beat_periodictask (id, name, task) FROM stdin;\n1\tnightly\tshop.tasks.sweep\n\\.\n"
    inventory = scan_tree({"shop/tasks.py": TASKS, "seed.sql": f"{CRONTAB}\n{NIGHTLY}", "dump.sql": dump})
    reason = "in a script that is no migration: whether it was run cannot be told"
    assert schedules(inventory) == [("nightly", "shop.tasks:sweep", "shop.tasks.sweep", "0 4 * * mon", "likely", reason)]
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [
        ("dump.sql", 1, "rows of django-celery-beat that COPY loads are not read")
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE django_celery_beat_periodictask SET enabled = false",
        "SELECT name FROM django_celery_beat_periodictask",
        "INSERT INTO shop_periodictask (name, task) VALUES ('django_celery_beat_periodictask', 'x')",
        "DELETE FROM django_celery_beat_periodictask",
    ],
)
def test_what_puts_no_schedule_in(scan_tree: Scan, sql: str) -> None:
    assert schedules(scan_tree(migration(run=f'"{sql}"'))) == []


def test_rows_that_are_inserted() -> None:
    several = "insert into a.t (x, y) values (1, f(2, 3)), ('u', null) on conflict do nothing"
    sql = f"{several}; insert into s (x) select 4 from t; insert into r values (1)"
    rows = list(inserted(sql))
    assert [(r.table, {k: "".join(t.value for t in v) for k, v in r.values.items()}, sql[r.start : r.end]) for r in rows] == [
        ("t", {"x": "1", "y": "f(2,3)"}, "insert into a.t (x, y) values (1, f(2, 3))"),
        ("t", {"x": "u", "y": "null"}, "('u', null)"),
        ("s", {"x": "4"}, "insert into s (x) select 4"),
    ]
