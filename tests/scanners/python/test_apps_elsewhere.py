"""Applications that another package, or Django's settings, give: what they decorate is a job, or is said to be perhaps one."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule
from tests.scanners.conftest import Scan

HUEY = """
from django.conf import settings
from huey import crontab

@settings.HUEY.task(retries=2)
def mail(to): ...

@settings.HUEY.periodic_task(crontab(minute="0"))
def sweep(): ...
"""


def jobs(inventory: Inventory, system: str) -> list[tuple[str, int, str]]:
    return [(j.name, j.location.line, j.confidence) for j in inventory.of(Job, system)]


def test_the_huey_of_settings_that_are_not_known(scan_tree: Scan) -> None:
    use = "from tasks import mail\ndef view(to):\n    mail(to)\n"
    settings = "HUEY = {}\nINSTALLED_APPS = []\n"
    inventory = scan_tree({"tasks.py": HUEY, "views.py": use, "a/settings.py": settings, "b/settings.py": settings})
    assert jobs(inventory, "huey") == [("tasks.mail", 5, "certain"), ("tasks.sweep", 8, "certain")]
    assert [(s.name, s.location.line) for s in inventory.of(Schedule, "huey")] == [("tasks.sweep", 8)]
    assert [(e.name, e.location.path, e.location.line) for e in inventory.of(Enqueue, "huey")] == [("tasks.mail", "views.py", 3)]


def test_other_settings_are_no_huey(scan_tree: Scan) -> None:
    code = HUEY.replace("settings.HUEY", "settings.BOARD") + "\nclass Local:\n    HUEY = None\n"
    inventory = scan_tree({"requirements.txt": "huey\n", "tasks.py": code})
    assert (inventory.of(Job), inventory.unresolved) == ((), ())


CELERY = """
from acme_platform.celery import app as celery_app
from django.conf import settings

@celery_app.task(name="mail.send")
def mail(to): ...

@settings.CELERY_APP.task
def sweep(): ...

def view(to):
    mail.delay(to)
    settings.CELERY_APP.send_task("crm.sync", args=[to])
"""


def test_an_application_of_celery_by_its_name(scan_tree: Scan) -> None:
    inventory = scan_tree({"requirements.txt": "celery\n", "tasks.py": CELERY})
    assert jobs(inventory, "celery") == [("mail.send", 5, "likely"), ("tasks.sweep", 8, "likely")]
    assert inventory.of(Job)[0].reason == "celery_app is taken for an application by its name: acme_platform is not in this tree"
    assert [(e.name, e.job, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [
        ("mail.send", "tasks:mail", 12, "likely"),
        ("crm.sync", "", 13, "likely"),
    ]
    assert inventory.unresolved == ()


@pytest.mark.parametrize(
    ("package", "name", "system"), [("huey", "huey", "huey"), ("procrastinate", "app", "procrastinate"), ("taskiq", "broker", "taskiq")]
)
def test_an_application_of_another_system_is_said(scan_tree: Scan, package: str, name: str, system: str) -> None:
    code = f"from acme_platform import {name}\n# {package}\n@{name}.task\ndef mail(to): ...\n"
    inventory = scan_tree({"requirements.txt": f"{package}\n", "tasks.py": code})
    [said] = inventory.unresolved
    assert (said.line, said.system) == (3, system)
    assert said.reason == f"may make a job: {name}.task is of acme_platform, a package that is not in this tree"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("from airflow import DAG\ndag = DAG()\n@dag.task\ndef load(): ...\n", id="airflow"),
        pytest.param("import faust\napp = faust.App()\n@app.task\nasync def load(): ...\n", id="faust"),
        pytest.param("import invoke\n@invoke.task\ndef load(c): ...\n", id="invoke"),
        pytest.param("from flask import Flask\napp = Flask('x')\n@app.route('/')\ndef load(): ...\n", id="a route"),
        pytest.param("class App:\n    def task(self, f): return f\napp = App()\n@app.task\ndef load(): ...\n", id="a class of one's own"),
    ],
)
def test_decorators_of_the_same_name(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"requirements.txt": "celery\n", "load.py": code})
    assert (inventory.of(Job), inventory.unresolved) == ((), ())


def test_without_celery_an_application_is_no_ones(scan_tree: Scan) -> None:
    inventory = scan_tree({"tasks.py": CELERY.partition("def view")[0]})
    assert (inventory.of(Job), inventory.unresolved) == ((), ())


DERIVED = """
from acme_utils import AcmeCelery
from celery import chain

class Pipeline(AcmeCelery):
    def more(self): ...

class Longer(Pipeline): ...

app = Longer("pipeline")

@app.task(queue="mails")
def mail(to): ...

@app.route("/")
def page(): ...

@app.task
def sweep(): ...

def view(to):
    mail.delay(to)
    chain(mail.s(to), sweep.si(), page.s())()
"""


def test_an_application_of_a_class_that_derives_from_one_of_another_package(scan_tree: Scan) -> None:
    # Celery itself comes along with that package: no manifest names it.
    inventory = scan_tree({"tasks.py": DERIVED})
    assert jobs(inventory, "celery") == [("tasks.mail", 12, "likely"), ("tasks.sweep", 18, "likely")]
    assert inventory.of(Job)[0].reason == "app is taken for an application by its name: acme_utils is not in this tree"
    sent = [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue) if e.name != "chain"]
    assert sent == [("tasks.mail", 22, "likely"), ("tasks.mail", 23, "likely"), ("tasks.sweep", 23, "likely")]
    assert inventory.unresolved == ()


def test_an_application_of_a_class_of_the_trees_own_is_none(scan_tree: Scan) -> None:
    code = DERIVED.replace(
        "from acme_utils import AcmeCelery", "class AcmeCelery:\n    def task(self, **options):\n        return register"
    )
    assert jobs(scan_tree({"tasks.py": code}), "celery") == []
    # Without any sign of Celery an application may be that of a command line.
    bare = DERIVED.replace("from celery import chain\n", "").replace("    chain(mail.s(to), sweep.si(), page.s())()\n", "")
    assert jobs(scan_tree({"tasks.py": bare}), "celery") == []


AROUND = """
import functools
from acme_procrastinate.tasks import task
from acme_procrastinate import index

def in_context(original=None, **options):
    def wrap(function):
        wrapped = functools.update_wrapper(lambda *a: function(*a), function)
        return task(**options)(wrapped)
    return wrap(original) if original else wrap

@task(queue="low")
def mail(to): ...

@in_context(retry=3)
def sweep(): ...

@index
def page(): ...
"""


def test_a_decorator_of_a_package_around_the_system_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({"requirements.txt": "acme-procrastinate\nprocrastinate\n", "tasks.py": AROUND})
    reason = "may make a job: it is of acme_procrastinate, a package that is not in this tree"
    assert [(u.line, u.reason) for u in inventory.unresolved if u.system == "procrastinate"] == [(12, reason), (15, reason)]
    plain = AROUND.replace("acme_procrastinate", "acme_board")
    assert scan_tree({"requirements.txt": "procrastinate\n", "tasks.py": plain}).unresolved == ()
