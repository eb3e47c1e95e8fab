# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which Huey is used, with and without Django, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from huey import crontab

from migrator.jobs import Client, Enqueue, Inventory, Item, Job, Literal, Schedule, Setting, Worker

APP = "from huey import RedisHuey\nhuey = RedisHuey('app', host='h')\n"
TASKS = "from app import huey\n@huey.task()\ndef send(to, n=1): ...\n@huey.task()\ndef log(x): ...\n"
HEAD = "from datetime import timedelta\nfrom app import huey\nfrom tasks import send, log\n"


def of(inventory: Inventory, kind: type[Item], path: str = "use.py") -> list:
    return [i for i in inventory.of(kind, "huey") if i.location.path == path and not i.wrapper]


def shown(item: Item, *names: str) -> dict[str, object]:
    values = {n: getattr(item, n) for n in names}
    return {n: v.value if isinstance(v, Literal) else v.source for n, v in values.items() if v is not None}


def given(item: Enqueue) -> list[tuple[str, object]]:
    return [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in item.arguments]


FIELDS = ("delay", "eta", "priority", "expires", "max_attempts")
ENQUEUES = {
    "call": ("send(1, n=2)", "call", [("", 1), ("n", 2)], {}),
    "call with options": (
        "send(1, delay=timedelta(minutes=1), priority=5, retries=2, expires=timedelta(hours=1), retry_delay=3)",
        *("call", [("", 1)], {"delay": 60, "priority": 5, "max_attempts": 3, "expires": 3600}),
    ),
    "call at a time": ("send(1, eta=when)", "call", [("", 1)], {"eta": "when"}),
    "unpacked": ("send(*a, **k)", "call", [("*", "a"), ("**", "k")], {}),
    "schedule": ("send.schedule((1,), {'n': 2}, delay=60)", "schedule", [("", 1), ("n", 2)], {"delay": 60}),
    "schedule by keyword": ("send.schedule(args=(1,), eta=when, priority=1)", "schedule", [("", 1)], {"eta": "when", "priority": 1}),
    "schedule, arguments elsewhere": ("send.schedule(a, eta=when)", "schedule", [("*", "a")], {"eta": "when"}),
    "schedule, time alone": ("send.schedule(timedelta(seconds=5))", "schedule", [], {"delay": 5}),
    "map": ("send.map([1, 2])", "map", [("", [1, 2])], {}),
    "enqueue": ("huey.enqueue(send.s(1, n=2))", "enqueue", [("", 1), ("n", 2)], {}),
    "made": ("t = send.s(1, delay=3)", "s", [("", 1)], {"delay": 3}),
    "Django": ("from huey.contrib.djhuey import enqueue\nenqueue(send.s(1))", "enqueue", [("", 1)], {}),
    "partial": ("from functools import partial\non_commit(partial(send, 1))", "call-reference", [("", 1)], {}),
    "lambda": ("on_commit(lambda: send(1))", "call", [("", 1)], {}),
    "module": ("import tasks\ntasks.send(1)", "call", [("", 1)], {}),
    "aliased": ("def f():\n    from tasks import send as s\n    s(1)", "call", [("", 1)], {}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "form", "arguments", "fields"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, form: str, arguments: list, fields: dict) -> None:
    (enqueue,) = of(scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code}), Enqueue)
    assert (enqueue.name, enqueue.job, enqueue.form) == ("tasks.send", "tasks:send", form)
    assert (given(enqueue), shown(enqueue, *FIELDS)) == (arguments, fields)


CHAINS = {
    "pipeline": ("huey.enqueue(send.s(1).then(log, 2))", [("enqueue", "tasks.send"), ("then", "tasks.log")]),
    "pipeline over lines": ("p = (send.s(1)\n    .then(log)\n    .error(log))\nhuey.enqueue(p)", [("s", "tasks.send"), ("then", "tasks.log"), ("error", "tasks.log"), ("stored enqueue", "tasks.send")]),
    "signature that follows": ("huey.enqueue(send.s(1).then(log.s(2)))", [("enqueue", "tasks.send"), ("s", "tasks.log")]),
    "group": ("from huey import group\nhuey.enqueue(group([send.s(1), log.s(2)]))", [("group", ""), ("s", "tasks.send"), ("s", "tasks.log")]),
    "chord": ("from huey import chord\nhuey.enqueue(chord([send.s(1)], log.s()))", [("chord", ""), ("s", "tasks.send"), ("s", "tasks.log")]),
    "one of several": ("ALL = {'a': send, 'b': log}\nALL[pick()](1)", [("call", "tasks.log"), ("call", "tasks.send")]),
    "only known at run time": ("huey.enqueue(pick())", [("enqueue", "")]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CHAINS.values(), ids=CHAINS)
def test_chains(scan_tree, code: str, expected: list[tuple[str, str]]) -> None:
    found = of(scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code}), Enqueue)
    assert sorted((e.form, e.name if e.job else "") for e in found) == sorted(expected)


HUEY = "from huey import RedisHuey, crontab\nhuey = RedisHuey('app')\n"
DJANGO = "from huey import crontab\nfrom huey.contrib.djhuey import *\nfrom huey.contrib import djhuey\n"
RETRY = {
    "none": ("", (1, "none", {})),
    "at once": ("retries=2", (3, "none", {})),
    "fixed": ("retries=2, retry_delay=10", (3, "fixed", {"delay": 10})),
    "backoff": ("retries=3, retry_delay=10, retry_backoff=2", (4, "exponential", {"delay": 10})),
}


@pytest.mark.parametrize(("options", "expected"), RETRY.values(), ids=RETRY)
def test_retry(scan_tree, options: str, expected: tuple) -> None:
    (job,) = of(scan_tree({"use.py": f"{HUEY}@huey.task({options})\ndef f(): ...\n"}), Job)
    assert (job.retry.max_attempts.value, job.retry.backoff.kind, shown(job.retry.backoff, "delay")) == expected


def test_options(scan_tree) -> None:
    code = (
        HUEY
        + "from datetime import timedelta\n@huey.task(priority=3, expires=timedelta(minutes=1), timeout=30, name='other', context=True)\ndef f(a, task=None): ...\n"
    )
    (job,) = of(scan_tree({"use.py": code}), Job)
    assert (job.name, job.symbol, job.location.line, job.form) == ("use.other", "f", 4, "decorator")
    assert shown(job, "priority", "expires", "timeout", "queue") == {"priority": 3, "expires": 60, "timeout": 30, "queue": "app"}


JOBS = {
    "task": (HUEY + "@huey.task()\ndef f(): ...", "decorator"),
    "class of the library": ("from huey.api import SqliteHuey\nh = SqliteHuey(filename='x')\n@h.task()\ndef f(): ...", "decorator"),
    "class of the project": ("from huey import RedisHuey\nclass Own(RedisHuey): ...\nh = Own('x')\n@h.task()\ndef f(): ...", "decorator"),
    "call": (HUEY + "def f(): ...\ng = huey.task(retries=1)(f)", "call"),
    "Django": (DJANGO + "@djhuey.task()\ndef f(): ...", "decorator"),
    "Django, database": ("from huey.contrib.djhuey import db_task\n@db_task(retries=1)\ndef f(): ...", "decorator"),
    "Django, on commit": ("from huey.contrib.djhuey import on_commit_task\n@on_commit_task()\ndef f(): ...", "decorator"),
    "Django, object": ("from huey.contrib.djhuey import HUEY as huey\n@huey.task()\ndef f(): ...", "decorator"),
    "django-huey": ("from django_huey import db_task\n@db_task(queue='mail')\ndef f(): ...", "decorator"),
    "with context": (HUEY + "@huey.context_task(db, as_argument=True)\ndef f(c): ...", "decorator"),
    "over a lock": (HUEY + "@huey.task()\n@huey.lock_task('x')\ndef f(): ...", "decorator"),
    "project decorator": (
        HUEY + "import functools\ndef task(n=5):\n    def deco(fn):\n        @functools.wraps(fn)\n        def inner(*a):\n            return fn(*a)\n        return huey.task(retries=n)(inner)\n    return deco\n@task()\ndef f(): ...",
        "project-decorator",
    ),
    "decorator that decorates": (
        HUEY + "def task(fn):\n    @huey.task()\n    def inner(*a):\n        return fn(*a)\n    return inner\n@task\ndef f(): ...",
        "project-decorator",
    ),
    "decorator of a class": (
        HUEY + "class Task:\n    def __init__(self, name=None):\n        self.name = name\n    def __call__(self, fn):\n        @huey.task()\n        def inner(*a):\n            return fn(*a)\n        return inner\n@Task()\ndef f(): ...",
        "project-decorator",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "form"), JOBS.values(), ids=JOBS)
def test_jobs(scan_tree, code: str, form: str) -> None:
    called = "g" if form == "call" else "f"
    inventory = scan_tree({"use.py": code + "\n", "caller.py": f"from use import {called} as called\ncalled()\n"})
    (job,) = of(inventory, Job)
    assert (job.name, job.form) == ("use.f", form)
    assert [(e.name, e.job) for e in of(inventory, Enqueue, "caller.py")] == [("use.f", "use:f")]


def test_decorator_that_registers_on_the_side(scan_tree) -> None:
    code = HUEY + "def task(name):\n    def deco(fn):\n        huey.task(name=name)(fn)\n        return fn\n    return deco\n"
    inventory = scan_tree({"lib.py": code, "use.py": "from lib import task\n@task('x')\ndef f(): ...\nf()\n"})
    (job,) = of(inventory, Job)
    assert (job.name, job.symbol, job.form, job.location.line) == ("use.x", "f", "project-decorator", 2)
    assert not of(inventory, Enqueue)


SCHEDULES = {
    "crontab": (HUEY + "@huey.periodic_task(crontab(minute='*/5'))\ndef f(): ...", "*/5 * * * *"),
    "by position": (HUEY + "@huey.periodic_task(crontab('0', '3', '1', '*', '1'))\ndef f(): ...", "0 3 1 * 1"),
    "numbers": (HUEY + "@huey.periodic_task(crontab(minute=0, hour=4, month='1, 6', strict=True))\ndef f(): ...", "0 4 * 1,6 *"),
    "by keyword": (HUEY + "@huey.periodic_task(validate_datetime=crontab(hour='1'), retries=2)\ndef f(): ...", "* 1 * * *"),
    "kept in a name": (HUEY + "NIGHTLY = crontab(minute='0', hour='0')\n@huey.periodic_task(NIGHTLY)\ndef f(): ...", "0 0 * * *"),
    "Django": ("from huey import crontab\nfrom huey.contrib.djhuey import db_periodic_task\n@db_periodic_task(crontab(day='1'))\ndef f(): ...", "* * 1 * *"),
    "call": (HUEY + "def f(): ...\ng = huey.periodic_task(crontab(day_of_week='1'))(f)", "* * * * 1"),
    "a rule of its own": (HUEY + "@huey.periodic_task(lambda now: now.day == 1)\ndef f(): ...", None),
    "setting": (HUEY + "import conf\n@huey.periodic_task(crontab(minute=conf.M))\ndef f(): ...", "crontab(minute=conf.M)"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "when"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(scan_tree, code: str, when: str | None) -> None:
    inventory = scan_tree({"use.py": code})
    (schedule,), (job,) = of(inventory, Schedule), of(inventory, Job)
    assert (schedule.name, schedule.job, schedule.timezone, schedule.location) == ("use.f", "use:f", "UTC", job.location)
    assert shown(schedule, "cron").get("cron") == when
    assert schedule.confidence == ("certain" if when else "likely")


def test_local_time(scan_tree) -> None:
    code = "from huey import crontab\nfrom huey.contrib.djhuey import periodic_task\n@periodic_task(crontab(hour='1'))\ndef f(): ...\n"
    (schedule,) = of(scan_tree({"use.py": code, "settings.py": "HUEY = {'name': 'x', 'utc': False}\n"}), Schedule)
    assert schedule.timezone == ""


CLIENTS = {
    "object": ("from huey import RedisHuey\nhuey = RedisHuey('app')", ("app", "huey")),
    "by keyword": ("from huey import SqliteHuey\nh = SqliteHuey(name='x', filename='y')", ("x", "h")),
    "without a name": ("import huey\nqueue = huey.MemoryHuey()", ("queue", "queue")),
    "class of the project": ("from huey import Huey\nclass Own(Huey): ...\nown = Own('o')", ("o", "own")),
    "mini": ("from huey.contrib.mini import MiniHuey\nm = MiniHuey()", ("m", "m")),
}


@pytest.mark.parametrize(("code", "expected"), CLIENTS.values(), ids=CLIENTS)
def test_clients(scan_tree, code: str, expected: tuple[str, str]) -> None:
    assert [(c.name, c.symbol) for c in of(scan_tree({"use.py": code}), Client)] == [expected]


WORKERS = {
    "consumer": ("from huey.consumer import Consumer\nfrom app import huey\nConsumer(huey, workers=4).run()", ("app",), 4),
    "made by the object": ("from app import huey\nc = huey.create_consumer(workers=2)\nc.run()", ("app",), 2),
}


@pytest.mark.parametrize(("code", "queues", "workers"), WORKERS.values(), ids=WORKERS)
def test_workers(scan_tree, code: str, queues: tuple[str, ...], workers: int) -> None:
    (worker,) = of(scan_tree({"app.py": APP, "use.py": code}), Worker)
    assert (worker.queues, worker.concurrency) == (queues, Literal(workers))


SETTINGS = {
    "table": ("HUEY = {'name': 'x', 'immediate': False}", ["HUEY"]),
    "tables": ("DJANGO_HUEY = {'default': 'a', 'queues': {}}", ["DJANGO_HUEY"]),
    "installed": ("INSTALLED_APPS = ['a', 'huey.contrib.djhuey', 'django_huey']", ["huey.contrib.djhuey", "django_huey"]),
}


@pytest.mark.parametrize(("code", "names"), SETTINGS.values(), ids=SETTINGS)
def test_settings(scan_tree, code: str, names: list[str]) -> None:
    assert [s.name for s in of(scan_tree({"use.py": code}), Setting)] == names


NOTHING = {
    "runs on the spot": "from tasks import send\nsend.call_local(1)",
    "taken back": "from tasks import send\nsend.revoke()\nsend.restore()\nsend.is_revoked()",
    "a function of that name": "def send(): ...\nsend()",
    "hooks": "from app import huey\n@huey.signal()\ndef on(signal, task): ...\n@huey.on_startup()\ndef start(): ...\nstart()",
    "lock alone": "from app import huey\n@huey.lock_task('x')\ndef f(): ...\nf()\nwith huey.lock_task('y'):\n    f()",
    "results": "from app import huey\nhuey.result('x')\nhuey.get('k')\nhuey.pending()",
    "another crontab": "from celery.schedules import crontab\ncrontab(minute=0)",
    "a task of something else": "from invoke import task\n@task()\ndef f(): ...\nf()",
    "the task itself, passed on": "from tasks import send\nregister(send)",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_nothing(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": code})
    assert not [i for kind in (Enqueue, Job, Schedule, Worker, Client, Setting) for i in of(inventory, kind)]


REAL = """
from huey import MemoryHuey, crontab
huey = MemoryHuey("m", immediate=True)
@huey.task()
def plain(): ...
@huey.task(name="renamed", retries=2)
def named(): ...
@huey.periodic_task(crontab(minute="*/15", hour="1-3"))
def often(): ...
def handed(): ...
kept = huey.task()(handed)
class Holder:
    @staticmethod
    @huey.task()
    def inside(): ...
"""


def test_the_library_registers_what_is_found(scan_tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = scan_tree({"really.py": REAL})
    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module("really")
    try:
        registered = set(module.huey._registry._registry)
        assert {j.name for j in of(inventory, Job, "really.py")} == registered
        (schedule,) = of(inventory, Schedule, "really.py")
        minute, hour, *_ = schedule.cron.value.split()
        due = crontab(minute=minute, hour=hour)
        (task,) = module.huey._registry._periodic_tasks
        moments = [datetime(2026, 1, 1, h, m, tzinfo=UTC) for h in range(24) for m in range(60)]
        assert [m for m in moments if due(m)] == [m for m in moments if task().validate_datetime(m)]
    finally:
        sys.modules.pop("really", None)
