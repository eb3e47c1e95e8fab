# ruff: noqa: E501 - code under test reads better on one line
"""Jobs that a function makes with an application that it is handed, and the decorators on parameters that must not be taken for that."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule

MAKE = "def make_task(application):\n    @application.task\n    def cleanup():\n        return application.now()\n    return cleanup\n"
NAMED = 'def register(app, prefix):\n    @app.task(name=f"{prefix}.sync")\n    def sync(pk): ...\n'
APP = 'from celery import Celery\napp = Celery("shop")\n'


def jobs(inventory: Inventory, system: str = "celery") -> list[tuple[str, str, int, str]]:
    return [(j.name, j.location.path, j.location.line, j.confidence) for j in inventory.of(Job, system) if not j.wrapper]


def test_the_caller_tells_whose_task_it_is(scan_tree) -> None:
    inventory = scan_tree({"tasks.py": MAKE, "main.py": APP + "from tasks import make_task\ncleanup = make_task(app)\ncleanup.delay()\n"})
    (job,) = inventory.of(Job, "celery")
    assert (job.name, job.location.path, job.location.line, job.confidence, job.via) == (
        "tasks.cleanup",
        "tasks.py",
        2,
        "certain",
        ("make_task",),
    )
    assert [(e.name, e.job) for e in inventory.of(Enqueue, "celery")] == [("tasks.cleanup", "tasks:cleanup")]
    assert not inventory.unresolved


def test_a_name_that_each_caller_completes(scan_tree) -> None:
    main = APP + 'from tasks import register\nregister(app, "crm")\nregister(app, prefix="erp")\napp.send_task("crm.sync", args=[1])\n'
    inventory = scan_tree({"tasks.py": NAMED, "main.py": main})
    assert jobs(inventory) == [("crm.sync", "tasks.py", 2, "certain"), ("erp.sync", "tasks.py", 2, "certain")]
    assert [(e.name, e.job) for e in inventory.of(Enqueue, "celery")] == [("crm.sync", "tasks:sync")]


def test_a_name_that_a_caller_completes_where_the_type_tells_the_application(scan_tree) -> None:
    typed = "from celery import Celery\n" + NAMED.replace("app,", "app: Celery,")
    inventory = scan_tree({"tasks.py": typed, "main.py": APP + 'from tasks import register\nregister(app, "crm")\n'})
    assert jobs(inventory) == [("crm.sync", "tasks.py", 3, "certain")]
    assert [j.name for j in inventory.of(Job, "celery") if j.wrapper] == [""]


def test_through_a_function_in_between(scan_tree) -> None:
    between = 'from tasks import register\ndef setup(application):\n    register(application, "crm")\n'
    inventory = scan_tree({"tasks.py": NAMED, "setup.py": between, "main.py": APP + "from setup import setup\nsetup(app)\n"})
    assert [name for name, *_ in jobs(inventory)] == ["crm.sync"]


def test_a_method_that_is_handed_the_application(scan_tree) -> None:
    code = APP + "class Tasks:\n    def register(self, to):\n        @to.task\n        def sync(): ...\nTasks().register(app)\n"
    assert jobs(scan_tree({"main.py": code})) == [("main.sync", "main.py", 5, "certain")]


def test_an_application_by_its_name_where_nobody_calls(scan_tree) -> None:
    inventory = scan_tree({"tasks.py": MAKE, "main.py": APP})
    assert jobs(inventory) == [("tasks.cleanup", "tasks.py", 2, "likely")]
    (job,) = inventory.of(Job, "celery")
    assert job.reason == "application is taken for an application by its name: nobody was found who hands one in"


@pytest.mark.parametrize("system", ["celery", "huey", "taskiq", "procrastinate"])
def test_anything_else_that_nobody_hands_in_is_said(scan_tree, system: str) -> None:
    inventory = scan_tree(
        {"tasks.py": f"import {system}\ndef make(thing):\n    @thing.task()\n    def f(): ...\n", "requirements.txt": f"{system}\n"}
    )
    assert not inventory.of(Job)
    assert [(u.path, u.line, u.system, u.reason) for u in inventory.unresolved] == [
        ("tasks.py", 3, system, "may make a job: what make is handed as thing could not be told")
    ]


HANDED = {
    "huey": ('from huey import RedisHuey, crontab\ndef make(h):\n    @h.periodic_task(crontab(minute="0"))\n    def f(): ...\nmake(RedisHuey("x"))', "use.f", 3, "0 * * * *"),
    "taskiq": ('from taskiq import InMemoryBroker\ndef make(b, prefix):\n    @b.task(task_name=f"{prefix}:f", schedule=[{"cron": "0 4 * * *"}])\n    async def f(): ...\nmake(InMemoryBroker(), "crm")', "crm:f", 3, "0 4 * * *"),
    "procrastinate": ('from procrastinate import App\ndef make(a, prefix):\n    @a.periodic(cron="0 4 * * *")\n    @a.task(name=f"{prefix}.f")\n    def f(timestamp): ...\nmake(App(connector=None), "crm")', "crm.f", 4, "0 4 * * *"),
}  # fmt: skip


@pytest.mark.parametrize(("system", "code", "name", "line", "cron"), [(k, *v) for k, v in HANDED.items()], ids=HANDED)
def test_other_systems_with_their_schedules(scan_tree, system: str, code: str, name: str, line: int, cron: str) -> None:
    inventory = scan_tree({"use.py": code})
    assert jobs(inventory, system) == [(name, "use.py", line, "certain")]
    (schedule,) = inventory.of(Schedule, system)
    assert (schedule.name, getattr(schedule.cron, "value", None), schedule.via) == (name, cron, ("make",))
    assert not inventory.unresolved


LOOK_ALIKES = {
    "another library's type": "import invoke\ndef tasks(ns: invoke.Collection):\n    @ns.task\n    def build(): ...\n",
    "another library's object": "import faust\ndef make(app):\n    @app.task\n    async def f(): ...\nmake(faust.App('x'))\n",
    "a class of the project": "class Menu:\n    def task(self, f): return f\ndef make(app):\n    @app.task\n    def f(): ...\nmake(Menu())\n",
    "another method": "def make(app):\n    @app.route('/')\n    def f(): ...\n",
    "not on a parameter": "import locust\nclass Users:\n    @locust.task\n    def f(self): ...\n",
    "a function that is handed a function": "def task(fn):\n    @fn.register\n    def f(): ...\n",
}  # fmt: skip


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes(scan_tree, code: str) -> None:
    inventory = scan_tree({"main.py": APP, "other.py": code, "requirements.txt": "celery\nhuey\n"})
    assert not inventory.of(Job)
    assert not inventory.unresolved


def test_nothing_is_said_where_the_tree_has_no_such_system(scan_tree) -> None:
    inventory = scan_tree({"tasks.py": "def make(app):\n    @app.task\n    def f(): ...\n"})
    assert not inventory.items
    assert not inventory.unresolved


def test_a_decorator_of_the_project_makes_a_job_of_what_it_decorates(scan_tree) -> None:
    job = "from main import app\ndef job(app):\n    def deco(fn):\n        @app.task(name=fn.__name__)\n        def wrapper(*a): return fn(*a)\n        return wrapper\n    return deco\n"
    inventory = scan_tree({"main.py": APP, "job.py": job, "use.py": "from job import job, app\n@job(app)\ndef send(): ...\n"})
    assert [path for _, path, *_ in jobs(inventory)] == ["use.py"]
