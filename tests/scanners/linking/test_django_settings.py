"""What stands behind `django.conf.settings`, and when that is left open."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule

SETTINGS = 'from huey import RedisHuey\nINSTALLED_APPS = ["mail"]\nHUEY = RedisHuey("shop")\nQUIET = False\n'
TASKS = """\
from django.conf import settings
from huey import crontab

@settings.HUEY.task()
def send(to): ...

@settings.HUEY.periodic_task(crontab(minute="0"))
def hourly(): ...

@settings.OTHER.task()
def other(): ...
"""
VIEWS = "from .tasks import send\ndef view(request):\n    send(1)\n    send.schedule((1,), delay=10)\n"
APP = {"mail/__init__.py": "", "mail/tasks.py": TASKS, "mail/views.py": VIEWS}
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "%s")\n'


def names(inventory: Inventory) -> list[str]:
    return [job.name for job in inventory.of(Job, "huey")]


def test_an_object_in_the_settings(scan_tree) -> None:
    inventory = scan_tree({"shop/settings.py": SETTINGS, **APP})
    assert names(inventory) == ["mail.tasks.send", "mail.tasks.hourly"]
    assert [(s.name, s.job) for s in inventory.of(Schedule, "huey")] == [("mail.tasks.hourly", "mail.tasks:hourly")]
    assert [(e.name, e.location.line, e.form) for e in inventory.of(Enqueue, "huey")] == [
        ("mail.tasks.send", 3, "call"),
        ("mail.tasks.send", 4, "schedule"),
    ]


def test_settings_that_build_on_others(scan_tree) -> None:
    tree = {
        "manage.py": MANAGE % "conf.dev",
        "conf/__init__.py": "",
        "conf/base.py": SETTINGS,
        "conf/dev.py": "from .base import *\nDEBUG = True\n",
    }
    assert names(scan_tree({**tree, **APP})) == ["mail.tasks.send", "mail.tasks.hourly"]


@pytest.mark.parametrize("start", ["shop/wsgi.py", "shop/asgi.py"])
def test_the_entry_for_web_servers_names_them_where_no_manage_py_does(scan_tree, start: str) -> None:
    tree = {"shop/__init__.py": "", "shop/conf.py": SETTINGS, start: MANAGE % "shop.conf"}
    assert names(scan_tree({**tree, **APP})) == ["mail.tasks.send", "mail.tasks.hourly"]


def test_each_project_of_a_tree_has_its_own(scan_tree) -> None:
    one = {"a/manage.py": MANAGE % "conf", "a/conf.py": SETTINGS, **{f"a/{path}": text for path, text in APP.items()}}
    two = {"b/manage.py": MANAGE % "conf", "b/conf.py": "INSTALLED_APPS = []\n", **{f"b/{path}": text for path, text in APP.items()}}
    assert {job.location.path for job in scan_tree({**one, **two}).of(Job, "huey")} == {"a/mail/tasks.py"}


def test_settings_of_which_several_could_be_meant_have_hueys_own_all_the_same(scan_tree) -> None:
    inventory = scan_tree({"a/settings.py": SETTINGS, "b/settings.py": SETTINGS, **APP})
    assert names(inventory) == ["mail.tasks.send", "mail.tasks.hourly"]


@pytest.mark.parametrize(
    "imported", ["from shop.conf import settings", "from constance import settings", "settings = object()"], ids=["own", "other", "local"]
)
def test_settings_of_something_else(scan_tree, imported: str) -> None:
    tasks = TASKS.replace("from django.conf import settings", imported)
    assert not names(scan_tree({"shop/settings.py": SETTINGS, "shop/conf.py": "settings = None\n", **APP, "mail/tasks.py": tasks}))
