# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which something is given to APScheduler, once or again and again, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import importlib

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from migrator.jobs import Client, Enqueue, Expression, Inventory, Job, Literal, Schedule, Setting, Value, Worker, literal_of
from migrator.systems.apscheduler_cron import cron_text

HEAD = """\
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.combining import OrTrigger
from datetime import datetime, timedelta
from tasks import tidy
import tasks
sched = BackgroundScheduler()
"""
TASKS = "def tidy(): ...\ndef other(): ...\nclass Mail:\n    def send(self): ...\n"


def plain(value: Value | None) -> object:
    return value.source if isinstance(value, Expression) else literal_of(value)


def scan(scan_tree, code: str, head: str = HEAD) -> Inventory:
    return scan_tree({"tasks.py": TASKS, "use.py": head + code})


TRIGGERS = {
    "cron": ("sched.add_job(tidy, 'cron', hour=5)", "0 5 * * *", None),
    "keyword": ("sched.add_job(func=tidy, trigger='cron', minute='*/5')", "*/5 * * * *", None),
    "weekday": ("sched.add_job(tidy, 'cron', day_of_week=0, hour=5)", "0 5 * * mon", None),
    "second": ("sched.add_job(tidy, 'cron', second='*/10')", "*/10 * * * * *", None),
    "interval": ("sched.add_job(tidy, 'interval', minutes=5)", None, 300),
    "interval of parts": ("sched.add_job(tidy, 'interval', hours=1, seconds=5)", None, 3605),
    "interval at run time": ("sched.add_job(tidy, 'interval', minutes=settings.every)", None, "settings.every"),
    "object": ("sched.add_job(tidy, CronTrigger(hour=5, minute=30))", "30 5 * * *", None),
    "object by keyword": ("sched.add_job(tidy, trigger=IntervalTrigger(hours=2))", None, 7200),
    "positional of the object": ("sched.add_job(tidy, IntervalTrigger(0, 1))", None, 86400),
    "crontab": ("sched.add_job(tidy, CronTrigger.from_crontab('0 5 * * 1-5'))", "0 5 * * tue-sat", None),
    "stored": ("nightly = CronTrigger(hour=3)\nsched.add_job(tidy, nightly)", "0 3 * * *", None),
    "unpacked": ("when = {'hour': 3}\nsched.add_job(tidy, 'cron', **when)", "0 3 * * *", None),
    "all unpacked": ("job = {'func': tidy, 'trigger': 'cron', 'hour': 3}\nsched.add_job(**job)", "0 3 * * *", None),
    "cron at run time": ("sched.add_job(tidy, 'cron', hour=settings.hour)", "cron(hour=settings.hour)", None),
    "year": ("sched.add_job(tidy, 'cron', year=2030)", "year=2030", None),
    "combined": ("sched.add_job(tidy, OrTrigger([a, b]))", "OrTrigger([a, b])", None),
    "unknown": ("sched.add_job(tidy, trigger=make())", "make()", None),
    "path": ("sched.add_job('tasks:tidy', 'interval', seconds=3)", None, 3),
    "dotted path": ("sched.add_job('tasks.tidy', 'interval', seconds=3)", None, 3),
    "module": ("sched.add_job(tasks.tidy, 'interval', seconds=3)", None, 3),
    "partial": ("from functools import partial\nsched.add_job(partial(tidy, 1), 'interval', seconds=3)", None, 3),
    "old": ("sched.add_interval_job(tidy, hours=3)", None, 10800),
    "old cron": ("sched.add_cron_job(tidy, hour=3)", "0 3 * * *", None),
    "version 4": ("sched.add_schedule(tidy, IntervalTrigger(seconds=3), id='x')", None, 3),
    "helper": ("def every(f, n):\n    sched.add_job(f, 'interval', seconds=n)\nevery(tidy, 3)", None, 3),
    "loop": ("for f in [tidy]:\n    sched.add_job(f, 'interval', seconds=3)", None, 3),
    "attribute": ("class A:\n    def __init__(self): self.s = BackgroundScheduler()\n    def go(self): self.s.add_job(tidy, 'interval', seconds=3)", None, 3),
    "own class": ("class Mine(BackgroundScheduler): ...\nMine().add_job(tidy, 'interval', seconds=3)", None, 3),
    "something unknown": ("def go(app): app.state.jobs.add_job(tidy, 'interval', seconds=3)", None, 3),
    "framework": ("from fastapi import Request\ndef go(request: Request): request.app.state.jobs.add_job(tidy, 'interval', seconds=3)", None, 3),
    "register_job": ("from django_apscheduler.jobstores import register_job\nregister_job(sched, 'interval', seconds=3)(tidy)", None, 3),
}  # fmt: skip


@pytest.mark.parametrize(("code", "cron", "interval"), TRIGGERS.values(), ids=TRIGGERS)
def test_schedules(scan_tree, code: str, cron: object, interval: object) -> None:
    inventory = scan(scan_tree, code)
    (schedule,) = [s for s in inventory.of(Schedule, "apscheduler") if not s.wrapper]
    assert (plain(schedule.cron), plain(schedule.interval)) == (cron, interval)
    assert (schedule.job, schedule.job_name, schedule.location.path) == ("tasks:tidy", "tasks:tidy", "use.py")
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job, "apscheduler")] == [("tasks:tidy", "tasks.py", 1)]
    assert list(inventory.of(Enqueue, "apscheduler")) == []


DECORATED = {
    "scheduled_job": "@sched.scheduled_job('cron', hour=5, id='x')\ndef f(): ...",
    "over others": "@sched.scheduled_job('cron', hour=5, id='x')\n@log\ndef f(): ...",
    "under others": "@log\n@sched.scheduled_job('cron', hour=5, id='x')\ndef f(): ...",
    "trigger object": "@sched.scheduled_job(CronTrigger(hour=5), id='x')\nasync def f(): ...",
    "old": "@sched.cron_schedule(hour=5, name='x')\ndef f(): ...",
    "Flask": "from flask_apscheduler import APScheduler\nflask = APScheduler()\n@flask.task('cron', id='x', hour=5)\ndef f(): ...",
    "Django": "from django_apscheduler.jobstores import register_job\n@register_job(sched, 'cron', id='x', hour=5)\ndef f(): ...",
    "plugin": "from nonebot_plugin_apscheduler import scheduler\n@scheduler.scheduled_job('cron', hour=5, id='x')\nasync def f(): ...",
    "something unknown": "from nonebot import require\nplugin = require('nonebot_plugin_apscheduler').scheduler\n@plugin.scheduled_job('cron', hour=5, id='x')\nasync def f(): ...",
    "of the project": "def nightly(f):\n    sched.add_job(f, 'cron', hour=5, id='x')\n    return f\n@nightly\ndef f(): ...",
    "of the project, with arguments": "def at(hour):\n    def deco(f):\n        sched.add_job(f, 'cron', hour=hour, id='x')\n        return f\n    return deco\n@at(5)\ndef f(): ...",
}  # fmt: skip


@pytest.mark.parametrize("code", DECORATED.values(), ids=DECORATED)
def test_decorators(scan_tree, code: str) -> None:
    inventory = scan(scan_tree, f"from log import log\n{code}")
    line = (HEAD + f"from log import log\n{code}").splitlines()
    schedules = [s for s in inventory.of(Schedule, "apscheduler") if not s.wrapper and s.job]
    assert [(s.name, s.job, s.cron) for s in schedules] == [("x", "use:f", Literal("0 5 * * *"))]
    (job,) = inventory.of(Job, "apscheduler")
    assert job.symbol == "f"
    assert line[schedules[0].location.line - 1].startswith("@")


ONCE = {
    "no trigger": ("sched.add_job(tidy)", None),
    "date": ("sched.add_job(tidy, 'date', run_date=when)", "when"),
    "trigger object": ("sched.add_job(tidy, DateTrigger(run_date=when))", "when"),
    "date without a date": ("sched.add_job(tidy, 'date')", None),
    "old": ("sched.add_date_job(tidy, when)", "when"),
    "arguments": ("sched.add_job(tidy, args=[1], kwargs={'a': 2})", None),
    "version 4": ("sched.run_job(tidy)", None),
}  # fmt: skip


@pytest.mark.parametrize(("code", "eta"), ONCE.values(), ids=ONCE)
def test_once(scan_tree, code: str, eta: object) -> None:
    inventory = scan(scan_tree, code)
    (enqueue,) = inventory.of(Enqueue, "apscheduler")
    assert (enqueue.name, enqueue.job, plain(enqueue.eta)) == ("tasks:tidy", "tasks:tidy", eta)
    assert list(inventory.of(Schedule, "apscheduler")) == []
    assert [j.name for j in inventory.of(Job, "apscheduler")] == ["tasks:tidy"]


def test_names_arguments_and_zones(scan_tree) -> None:
    code = "from zoneinfo import ZoneInfo\npool = BackgroundScheduler(timezone='Asia/Tokyo')\npool.add_job(tidy, 'cron', hour=1, id='one', args=[1], max_instances=2)\npool.add_job(tidy, CronTrigger(hour=2, timezone=ZoneInfo('Europe/Paris')), name='two')\nsched.add_job(tidy, 'cron', hour=3, timezone='UTC')\nsched.add_job(lambda: tidy(), 'interval', seconds=1)\nsched.add_job(client.sync, 'interval', seconds=1)\n"
    schedules = list(scan(scan_tree, code).of(Schedule, "apscheduler"))
    assert [(s.name, s.timezone, s.job_name) for s in schedules] == [
        ("one", "Asia/Tokyo", "tasks:tidy"),
        ("two", "Europe/Paris", "tasks:tidy"),
        ("tasks:tidy", "UTC", "tasks:tidy"),
        ("<lambda>", "", "<lambda>"),
        ("sync", "", "sync"),
    ]
    assert [plain(a.value) for a in schedules[0].arguments] == [1]
    assert set(schedules[0].options) == {"hour", "id", "max_instances"}


def test_methods_are_jobs(scan_tree) -> None:
    code = "from tasks import Mail\nmail = Mail()\nsched.add_job(mail.send, 'interval', seconds=1)\n"
    inventory = scan(scan_tree, code)
    assert [(j.name, j.location.line) for j in inventory.of(Job, "apscheduler")] == [("tasks:Mail.send", 4)]


def test_what_is_run_is_only_known_at_run_time(scan_tree) -> None:
    code = "def go(job):\n    sched.add_job(job.run, 'interval', seconds=1)\n"
    (schedule,) = scan(scan_tree, code).of(Schedule, "apscheduler")
    assert (schedule.name, schedule.confidence) == ("", "likely")


FLASK = {
    "class": "class Config:\n    JOBS = [{'id': 'x', 'func': 'tasks:tidy', 'trigger': 'interval', 'seconds': 10}]\n    SCHEDULER_API_ENABLED = True\n",
    "function itself": "from tasks import tidy\nclass Config:\n    JOBS = [{'id': 'x', 'func': tidy, 'trigger': {'type': 'interval', 'seconds': 10}}]\n    SCHEDULER_API_ENABLED = True\n",
    "call of dict": "class Config:\n    JOBS = [dict(id='x', func='tasks:tidy', trigger='interval', seconds=10)]\n    SCHEDULER_API_ENABLED = True\n",
    "configuration": "app.config['SCHEDULER_JOBS'] = [{'id': 'x', 'func': 'tasks:tidy', 'trigger': 'interval', 'seconds': 10}]\napp.config['SCHEDULER_API_ENABLED'] = True\n",
}


@pytest.mark.parametrize("code", FLASK.values(), ids=FLASK)
def test_configuration_of_flask(scan_tree, code: str) -> None:
    files = {"tasks.py": TASKS, "config.py": code, "app.py": "from flask_apscheduler import APScheduler\nscheduler = APScheduler()\n"}
    inventory = scan_tree(files)
    (schedule,) = inventory.of(Schedule, "apscheduler")
    assert (schedule.name, schedule.job, plain(schedule.interval), schedule.defined_in) == ("x", "tasks:tidy", 10, "config")
    assert "SCHEDULER_API_ENABLED" in [s.name for s in inventory.of(Setting, "apscheduler")]


def test_flask_takes_the_id_first(scan_tree) -> None:
    code = "from flask_apscheduler import APScheduler\nfrom tasks import tidy\nscheduler = APScheduler()\nscheduler.add_job('x', tidy, trigger='interval', seconds=3)\nscheduler.add_job(id='y', func=tidy, trigger='interval', seconds=4)\napp.apscheduler.add_job('z', tidy, trigger='interval', seconds=5)\n"
    inventory = scan(scan_tree, code, "")
    assert [(s.name, s.job, plain(s.interval)) for s in inventory.of(Schedule, "apscheduler")] == [
        ("x", "tasks:tidy", 3),
        ("y", "tasks:tidy", 4),
        ("z", "tasks:tidy", 5),
    ]


def test_a_trigger_that_a_decorator_of_something_else_takes(scan_tree) -> None:
    code = "from worker import actor\n@actor(actor_name='x', cron_trigger=CronTrigger(hour=5))\nasync def f(): ...\n@actor(\n    actor_name='y',\n    cron_trigger=CronTrigger.from_crontab('0 * * * *'),\n)\nasync def g(): ...\n@sched.scheduled_job(trigger=CronTrigger(hour=6))\ndef h(): ...\n"
    inventory = scan(scan_tree, code)
    found = [(s.job, plain(s.cron), s.confidence, s.location.line - HEAD.count("\n")) for s in inventory.of(Schedule, "apscheduler")]
    assert found == [("use:f", "0 5 * * *", "likely", 2), ("use:g", "0 * * * *", "likely", 4), ("use:h", "0 6 * * *", "certain", 9)]
    # What makes `f` and `g` jobs is not APScheduler.
    assert [j.symbol for j in inventory.of(Job, "apscheduler")] == ["h"]


def test_a_helper_that_is_given_no_time_takes_the_job_away(scan_tree) -> None:
    code = "def every(f, hours, minutes):\n    if hours == minutes == 0:\n        sched.remove_job(f.__name__)\n    else:\n        sched.add_job(f, 'interval', hours=hours, minutes=minutes)\nevery(tidy, 1, 0)\nevery(tasks.other, 0, 0)\n"
    inventory = scan(scan_tree, code)
    assert [(s.job, plain(s.interval)) for s in inventory.of(Schedule, "apscheduler") if not s.wrapper] == [("tasks:tidy", 3600)]
    assert [u.line for u in inventory.unresolved] == [HEAD.count("\n") + 7]


def test_version_4_counts_weekdays_as_cron_does_and_names_tasks(scan_tree) -> None:
    code = "from apscheduler import AsyncScheduler, task\nfrom apscheduler.triggers.cron import CronTrigger\n@task(id='x')\ndef f(): ...\nasync def main():\n    async with AsyncScheduler() as scheduler:\n        await scheduler.add_schedule(f, CronTrigger.from_crontab('0 5 * * 1'))\n        await scheduler.run_until_stopped()\n"
    inventory = scan_tree({"requirements.txt": "apscheduler==4.0.0a6\n", "use.py": code})
    (schedule,) = inventory.of(Schedule, "apscheduler")
    assert (schedule.job, schedule.cron) == ("use:f", Literal("0 5 * * mon"))
    assert "x" in [j.name for j in inventory.of(Job, "apscheduler")]
    assert [w.location.line for w in inventory.of(Worker, "apscheduler")] == [8]


NOTHING = {
    "own class": "class Pool:\n    def add_job(self, f, when): ...\nPool().add_job(tidy, 'interval')",
    "another library": "from aiojobs import Pool\nPool().add_job(tidy)",
    "something unknown, no trigger": "def go(pool): pool.add_job(tidy)",
    "removed": "sched.remove_job('x')",
    "listened to": "sched.add_listener(tidy, 1)",
    "schedule": "import schedule\nschedule.every(5).minutes.do(tidy)",
    "jobs of something else": "JOBS = [{'name': 'x', 'run': tidy}]",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_nothing(scan_tree, code: str) -> None:
    inventory = scan(scan_tree, code)
    assert [i for kind in (Schedule, Enqueue, Job, Setting) for i in inventory.of(kind, "apscheduler")] == []


def test_nothing_without_apscheduler(scan_tree) -> None:
    inventory = scan_tree({"use.py": "def go(scheduler, f):\n    scheduler.add_job(f, 'interval', seconds=3)\n"})
    assert [i for i in inventory.items if i.system == "apscheduler"] == []


def test_clients_and_workers(scan_tree) -> None:
    code = "from apscheduler.schedulers.blocking import BlockingScheduler\nclock = BlockingScheduler(timezone='UTC')\nsched.start()\nclock.start()\n"
    inventory = scan_tree(
        {"tasks.py": TASKS, "use.py": HEAD + code, "Procfile": "clock: python use.py\nother: python manage.py runapscheduler\n"}
    )
    assert [(c.name, c.role, c.location.line) for c in inventory.of(Client, "apscheduler")] == [
        ("sched", "scheduler", 9),
        ("clock", "scheduler", 11),
    ]
    workers = [(w.name, w.location.path, w.location.line) for w in inventory.of(Worker, "apscheduler")]
    assert workers == [("use", "Procfile", 1), ("runapscheduler", "Procfile", 2), ("clock", "use.py", 13)]


REAL = """\
from datetime import datetime, timezone
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

sched = BackgroundScheduler(timezone="UTC")

def tidy(): ...

class Mail:
    def send(self): ...

@sched.scheduled_job("cron", hour=5, id="decorated")
def nightly(): ...

def every(function, minutes):
    sched.add_job(function, "interval", minutes=minutes, id=f"every-{minutes}")

sched.add_job(tidy, "cron", day_of_week="mon-fri", hour=9, id="weekdays")
sched.add_job(tidy, CronTrigger.from_crontab("*/15 * * * *"), id="crontab")
sched.add_job(func=tidy, trigger=IntervalTrigger(hours=2), id="object")
sched.add_job(Mail().send, "interval", seconds=30, id="method")
sched.add_job(f"{__name__}:tidy", "interval", days=1, id="text")
for name in ("a", "b"):
    sched.add_job(tidy, "interval", seconds=7, id=name)
every(tidy, 5)
every(nightly, 6)
once = sched.add_job(tidy, "date", run_date=datetime(2099, 1, 1, tzinfo=timezone.utc), id="once")
"""


def test_what_the_library_itself_has_registered(scan_tree, tmp_path, monkeypatch) -> None:
    """The same module, read and imported: every job that the scheduler then knows is found, and nothing else."""
    inventory = scan_tree({"registered_jobs.py": REAL})
    monkeypatch.syspath_prepend(tmp_path)
    jobs = importlib.import_module("registered_jobs").sched.get_jobs()
    recurring = {job.id: job.func_ref for job in jobs if not isinstance(job.trigger, DateTrigger)}
    assert {s.name: s.job_name for s in inventory.of(Schedule, "apscheduler") if not s.wrapper} == recurring
    assert [e.name for e in inventory.of(Enqueue, "apscheduler")] == [job.func_ref for job in jobs if job.id not in recurring]
    seconds = {job.id: job.trigger.interval.total_seconds() for job in jobs if isinstance(job.trigger, IntervalTrigger)}
    assert {s.name: plain(s.interval) for s in inventory.of(Schedule, "apscheduler") if s.interval and not s.wrapper} == seconds
    assert {j.name for j in inventory.of(Job, "apscheduler")} == {job.func_ref for job in jobs}


FIELDS = [
    {"hour": 5},
    {"minute": "*/7"},
    {"day_of_week": "0-4", "hour": 9},
    {"day_of_week": "*/2", "hour": "1,2", "minute": 3},
    {"month": "1-3", "day": 2},
    {"second": 15},
    {"day": 1, "minute": 5},
    {"day_of_week": "6"},
    {"hour": "07", "minute": "00"},
]


@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_cron_expressions_mean_what_apscheduler_does(fields: dict) -> None:
    """The library, given the expression field by field, has the same fields as for the arguments."""
    parts = cron_text(fields).split()
    second = parts.pop(0) if len(parts) == 6 else "0"
    named = dict(zip(("minute", "hour", "day", "month", "day_of_week"), parts, strict=True))

    def values(trigger: CronTrigger) -> list[list[int]]:
        smallest = {"year": 1970, "month": 1, "day": 1, "week": 1, "day_of_week": 0, "hour": 0, "minute": 0, "second": 0}
        largest = {"year": 1970, "month": 12, "day": 31, "week": 53, "day_of_week": 6, "hour": 23, "minute": 59, "second": 59}
        rows = []
        for field in trigger.fields:
            span = range(smallest[field.name], largest[field.name] + 1)
            rows.append([n for n in span if any(_matches(e, field, n, largest[field.name]) for e in field.expressions)])
        return rows

    assert values(CronTrigger(**named, second=second)) == values(CronTrigger(**fields))


def _matches(expression, field, number: int, largest: int) -> bool:
    first = getattr(expression, "first", None)
    last = getattr(expression, "last", None)
    low = first if first is not None else (1 if field.name in ("day", "month") else 0)
    high = last if last is not None else largest
    return low <= number <= high and (number - low) % (expression.step or 1) == 0


def test_schedulers_of_a_class_of_the_project(scan_tree) -> None:
    code = "class Mine(BackgroundScheduler): ...\nmine = Mine()\n"
    assert [c.name for c in scan(scan_tree, code).of(Client, "apscheduler")] == ["sched", "mine"]


def test_a_loop_over_jobs_that_are_written_down(scan_tree) -> None:
    code = "ALL = [\n    {'func': tidy, 'trigger': 'interval', 'minutes': 30, 'id': 'a'},\n    {'func': own, 'trigger': 'cron', 'hour': 8, 'id': 'b'},\n]\nfor job in ALL:\n    sched.add_job(**job)\ndef own(): ...\n"
    inventory = scan(scan_tree, code)
    first = HEAD.count("\n") + 1
    assert [(s.name, s.job, s.location.line) for s in inventory.of(Schedule, "apscheduler")] == [
        ("a", "tasks:tidy", first + 1),
        ("b", "use:own", first + 2),
    ]
    assert [(j.symbol, j.location.path, j.location.line) for j in inventory.of(Job, "apscheduler")] == [
        ("tidy", "tasks.py", 1),
        ("own", "use.py", first + 6),
    ]


def test_what_a_package_hands_on_of_a_system_is_found_where_it_is_used(scan_tree) -> None:
    files = {
        "app/__init__.py": "",
        "app/worker/__init__.py": "from apscheduler.schedulers.background import BackgroundScheduler\nfrom apscheduler.triggers.cron import CronTrigger\nsched = BackgroundScheduler()\n",
        "app/use.py": "from app.worker import CronTrigger, actor\n@actor(cron_trigger=CronTrigger(hour=5))\ndef f(): ...\n",
    }
    assert [(s.job, s.cron) for s in scan_tree(files).of(Schedule, "apscheduler")] == [("app.use:f", Literal("0 5 * * *"))]


CHOSEN = """
from datetime import datetime
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

scheduler = BackgroundScheduler()

def run(): ...

def add(kind):
    if kind == "cron":
        trigger = CronTrigger(hour=3)
    else:
        trigger = DateTrigger(run_date=datetime.now())
    scheduler.add_job(func=run, trigger=trigger)

def again(job_id):
    job = scheduler.get_job(job_id)
    scheduler.add_job(func=job.func, trigger=DateTrigger(run_date=datetime.now()))
"""


def test_a_trigger_that_is_chosen_at_run_time(scan_tree):
    inventory = scan_tree({"jobs.py": CHOSEN})
    assert [(s.name, s.location.line, s.confidence) for s in inventory.of(Schedule)] == [("jobs:run", 16, "likely")]
    # What a job of the scheduler runs has no name of its own.
    expected = [("jobs:run", 16, "likely"), ("", 20, "likely")]
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == expected
