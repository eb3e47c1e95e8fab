"""Schedules: entries of `beat_schedule`, and calls of `add_periodic_task`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import check_left, move

JOBS = """
from celery import shared_task


@shared_task
def f(x=None, y=None):
    print(x)
"""

APP = """
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab, schedule, solar

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.timezone = {zone}
app.conf.beat_schedule = {{
    "it": {entry},
}}
"""

ENTRIES = {
    "seconds": ('"schedule": 30', "{actor}.send", "IntervalTrigger(seconds=30)", ""),
    "half a second": ('"schedule": 0.5', "{actor}.send", "IntervalTrigger(seconds=0.5)", ""),
    "timedelta": ('"schedule": timedelta(hours=1, minutes=5)', "{actor}.send", "IntervalTrigger(seconds=3900)", ""),
    "every minute": (
        '"schedule": crontab()',
        "{actor}.send",
        'CronTrigger(minute="*", hour="*", day="*", month="*", day_of_week="*", timezone="Europe/Paris")',
        "",
    ),
    "every minute of an hour": (
        '"schedule": crontab(hour=5)',
        "{actor}.send",
        'CronTrigger(minute="*", hour="5", day="*", month="*", day_of_week="*", timezone="Europe/Paris")',
        "",
    ),
    "positional": (
        '"schedule": crontab(0, 12, "sat,sun", "1-7", "*/3")',
        "{actor}.send",
        'CronTrigger(minute="0", hour="12", day="1-7", month="*/3", day_of_week="sun,sat", timezone="Europe/Paris")',
        "",
    ),
    "from a line": (
        '"schedule": crontab.from_string("*/15 8-18 * * mon-fri")',
        "{actor}.send",
        'CronTrigger(minute="*/15", hour="8-18", day="*", month="*", day_of_week="mon,tue,wed,thu,fri", timezone="Europe/Paris")',
        "",
    ),
    "arguments": (
        '"schedule": 1, "args": [1], "kwargs": {"y": "a"}',
        "{actor}.send",
        "IntervalTrigger(seconds=1)",
        '    args=(1,),\n    kwargs={"y": "a"},\n',
    ),
    "expiry": (
        '"schedule": 1, "args": (1,), "options": {"expires": 15.0}',
        "lambda: broker.enqueue({actor}.message_with_options(args=(1,), max_age=15_000))",
        "IntervalTrigger(seconds=1)",
        "",
    ),
    "queue": (
        '"schedule": 1, "options": {"queue": "slow"}',
        'lambda: broker.enqueue({actor}.message_with_options().copy(queue_name="slow"))',
        "IntervalTrigger(seconds=1)",
        "",
    ),
}


@pytest.mark.parametrize("form", ENTRIES)
def test_entries(tmp_path: Path, form: str) -> None:
    entry, target, trigger, rest = ENTRIES[form]
    app = APP.format(entry=f'{{"task": "shop.jobs.f", {entry}}}', zone='"Europe/Paris"')
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOBS})
    expected = f'scheduler.add_job(\n    {target.replace("{actor}", "f")},\n    {trigger},\n{rest}    id="it",\n)\n'
    assert expected in moved.generated["shop/dramatiq_scheduler.py"]
    assert moved.traps(of="schedule") == {"MIG140", "MIG141"}
    assert moved.changes.removed_files == ("shop/app.py",)


def test_the_time_zone_is_celerys(tmp_path: Path) -> None:
    app = APP.format(entry='{"task": "shop.jobs.f", "schedule": crontab(hour=1)}', zone="None")
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOBS})
    assert 'day_of_week="*", timezone="UTC")' in moved.generated["shop/dramatiq_scheduler.py"]


LEFT = {
    "solar": '{"task": "shop.jobs.f", "schedule": solar("sunset", 1, 2)}',
    "schedule object": '{"task": "shop.jobs.f", "schedule": schedule(1)}',
    "relative": '{"task": "shop.jobs.f", "schedule": 1, "relative": True}',
    "times from elsewhere": '{"task": "shop.jobs.f", "schedule": crontab(hour=app)}',
    "wrong times": '{"task": "shop.jobs.f", "schedule": crontab(hour=25)}',
    "arguments from elsewhere": '{"task": "shop.jobs.f", "schedule": 1, "args": (app,)}',
    "options": '{"task": "shop.jobs.f", "schedule": 1, "options": {"priority": 1}}',
    "options from elsewhere": '{"task": "shop.jobs.f", "schedule": 1, "options": app}',
    "unknown part": '{"task": "shop.jobs.f", "schedule": 1, "enabled": True}',
    "job from elsewhere": '{"task": app.name, "schedule": 1}',
    "not a dictionary": "dict(task='shop.jobs.f', schedule=1)",
}


@pytest.mark.parametrize("form", LEFT)
def test_left_to_a_person(tmp_path: Path, form: str) -> None:
    app = APP.format(entry=LEFT[form], zone='"UTC"')
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOBS}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert not moved.generated


SHAPES = {
    "added to": 'app.conf.beat_schedule["more"] = {"task": "shop.jobs.f", "schedule": 1}',
    "updated": 'app.conf.beat_schedule.update({"more": {"task": "shop.jobs.f", "schedule": 1}})',
    "spread": 'app.conf.beat_schedule = {**OTHER, "it": {"task": "shop.jobs.f", "schedule": 1}}',
    "from a function": "app.conf.beat_schedule = make()",
    "under a condition": 'if OTHER:\n    app.conf.beat_schedule = {"it": {"task": "shop.jobs.f", "schedule": 1}}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_schedules_put_together_at_run_time_keep_every_job(tmp_path: Path, shape: str) -> None:
    app = f'from celery import Celery\n\nfrom shop.things import OTHER, make\n\napp = Celery("shop", broker="redis://h")\n{SHAPES[shape]}\n'
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOBS}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert not moved.generated


CONNECTED = """
from celery import Celery
from celery.schedules import crontab

from shop.jobs import f

app = Celery("shop", broker="redis://localhost:6379/0")


@app.on_after_configure.connect
def setup(sender, **kwargs):
    '''What happens when.'''
    # often
    sender.add_periodic_task(10.0, f.s("hello", y=2), name="often")
    sender.add_periodic_task(crontab(hour=7, minute=30, day_of_week=1), f.s(), expires=60)


def other():
    pass
"""


def test_periodic_tasks_that_are_added(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/app.py": CONNECTED, "shop/jobs.py": JOBS})
    scheduler = moved.generated["shop/dramatiq_scheduler.py"]
    assert '# often\nscheduler.add_job(\n    f.send,\n    IntervalTrigger(seconds=10),\n    args=("hello",),\n' in scheduler
    assert "lambda: broker.enqueue(f.message_with_options(max_age=60_000))" in scheduler
    assert moved.files["shop/app.py"] == "from shop.jobs import f\n\n\ndef other():\n    pass\n"


def test_a_periodic_task_of_a_job_that_stays(tmp_path: Path) -> None:
    jobs = JOBS + '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n'
    app = CONNECTED.replace("import f", "import f, g").replace("f.s(), expires=60", "g.s(), expires=60")
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": jobs})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten", "shop.jobs.g": "manual left"}
    assert "sender.add_periodic_task(crontab(hour=7, minute=30, day_of_week=1), g.s(), expires=60)" in moved.files["shop/app.py"]
    assert "often" not in moved.files["shop/app.py"]


def test_a_periodic_task_in_a_loop_stays(tmp_path: Path) -> None:
    app = CONNECTED.replace("    # often\n    sender", "    for n in range(3):\n        sender")
    check_left(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOBS}, "MIG124", "MIG142")


def test_entries_of_jobs_that_stay_are_kept(tmp_path: Path) -> None:
    jobs = JOBS + '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n'
    app = APP.format(entry='{"task": "shop.jobs.f", "schedule": 1}', zone='"UTC"')
    app = app.replace(
        '    "it"', '    "other": {\n        "task": "shop.jobs.g",\n        "schedule": crontab(),\n    },\n    # mine\n    "it"'
    )
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": jobs, "Procfile": "beat: celery -A shop.app beat\n"})
    assert moved.files["shop/app.py"].endswith(
        'app.conf.beat_schedule = {\n    "other": {\n        "task": "shop.jobs.g",\n        "schedule": crontab(),\n    },\n}\n'
    )
    assert "# mine\nscheduler.add_job(" in moved.generated["shop/dramatiq_scheduler.py"]
    assert moved.files["Procfile"] == "beat: celery -A shop.app beat\nscheduler: python -m shop.dramatiq_scheduler\n"
