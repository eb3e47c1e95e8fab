"""Parameters with a type: one that says nothing of the value hides no caller, and one that says it is a task leaves which one to them."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue
from tests.scanners.conftest import Scan

CELERY = """
from __future__ import annotations
import celery
import collections.abc
from typing import Any, Callable, Optional, Union
from celery import Task, shared_task
from celery.canvas import Signature

class Base(Task):
    abstract = True

@shared_task
def mail(to): ...

def send(task: {said}, to=None):
    task.delay(to)

def signup(user):
    send(mail, user)
"""
SAYING_NOTHING = ["Any", "object", "Callable", "Callable[..., Any]", "Optional[Callable]", "collections.abc.Callable[..., None]", '"Any"']
A_TASK = ["Task", "celery.Task", '"celery.Task"', "Task | None", "Base", "Union[Task, str]"]


def told(scan_tree: Scan, code: str) -> list[tuple[str, int]]:
    return [(e.name, e.location.line) for e in scan_tree({"shop.py": code}).of(Enqueue) if not e.wrapper]


@pytest.mark.parametrize("said", [*SAYING_NOTHING, *A_TASK])
def test_a_task_that_is_handed_in(scan_tree: Scan, said: str) -> None:
    assert told(scan_tree, CELERY.format(said=said)) == [("shop.mail", 19)]


def test_a_task_that_nobody_hands_in(scan_tree: Scan) -> None:
    inventory = scan_tree({"shop.py": CELERY.format(said="Task").replace("    send(mail, user)", "    ...")})
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [("", 16, "likely")]


@pytest.mark.parametrize("said", ["Path", "Slow", '"Slow"'])
def test_what_is_no_task(scan_tree: Scan, said: str) -> None:
    slow = "class Slow:\n    def delay(self, to): ...\n"
    code = CELERY.format(said=said).replace("class Base", f"from pathlib import Path\n{slow}\nclass Base")
    assert told(scan_tree, code.replace("send(mail, user)", "send(user)")) == []


def test_a_task_class_that_runs_is_the_task(scan_tree: Scan) -> None:
    code = CELERY.format(said="Mail").replace("    abstract = True", "    abstract = True\n\nclass Mail(Base):\n    def run(self, to): ...")
    assert told(scan_tree, code.replace("send(mail, user)", "pass")) == [("shop.Mail", 19)]


OTHERS = {
    "dramatiq": (
        "import dramatiq\nfrom dramatiq import Actor as Said\n\n@dramatiq.actor\ndef mail(x): ...\n",
        "task.send(1)",
    ),
    "taskiq": (
        "from taskiq import InMemoryBroker, AsyncTaskiqDecoratedTask as Said\nbroker = InMemoryBroker()\n@broker.task\ndef mail(x): ...\n",
        "task.kiq(1)",
    ),
    "procrastinate": (
        "from procrastinate import App\nfrom procrastinate.tasks import Task as Said\napp = App()\n\n@app.task\ndef mail(x): ...\n",
        "task.configure(lock='a').defer(x=1)",
    ),
    "huey": (
        "from huey import RedisHuey\nfrom huey.api import TaskWrapper as Said\nhuey = RedisHuey()\n\n@huey.task()\ndef mail(x): ...\n",
        "task(1)",
    ),
    "django-tasks": (
        "from django.tasks import Task as Said, task as made\n\n@made\ndef mail(x): ...\n",
        "task.using(priority=3).enqueue(1)",
    ),
}


@pytest.mark.parametrize("system", OTHERS)
def test_of_every_system(scan_tree: Scan, system: str) -> None:
    definition, call = OTHERS[system]
    code = f"{definition}\ndef send(task: Said):\n    {call}\n\ndef signup():\n    send(mail)\n"
    inventory = scan_tree({"shop.py": code})
    line = code.count("\n")
    assert [(e.system, e.job, e.location.line) for e in inventory.of(Enqueue) if not e.wrapper] == [(system, "shop:mail", line)]


KEPT = """
from celery import shared_task

@shared_task
def mail(to): ...

class Sender:
    def __init__(self, name, task):
        {kept}

    def run(self, to):
        self.task.delay(to)

def signup(user):
    Sender("mails", mail).run(user)
"""


@pytest.mark.parametrize(
    "kept",
    [
        "self.task = task",
        "self.name, self.task = name, task",
        'setattr(self, "task", task)',
        "object.__setattr__(self, 'task', task)",
        'super().__setattr__("task", task)',
    ],
)
def test_what_a_constructor_keeps(scan_tree: Scan, kept: str) -> None:
    assert told(scan_tree, KEPT.format(kept=kept)) == [("shop.mail", 15)]


@pytest.mark.parametrize("kept", ["self.__dict__['task'] = task", "vars(self).update(task=task)", "setattr(self, name, task)"])
def test_what_is_kept_under_a_name_that_the_run_makes_up_is_said(scan_tree: Scan, kept: str) -> None:
    inventory = scan_tree({"shop.py": KEPT.format(kept=kept)})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(12, "what delay is called on could not be told")]


def test_another_object_is_given_the_attribute(scan_tree: Scan) -> None:
    code = KEPT.format(kept='setattr(name, "task", task)').replace("to):\n        self", "to):\n        print(to)\n        self")
    assert told(scan_tree, code) == [("", 13)]


FROZEN = """
from dataclasses import dataclass, field
from celery import Task, shared_task

@shared_task
def mail(to): ...

@shared_task
def sweep(): ...

@dataclass(frozen=True)
class Step:
    title: str = field(init=False)
    task: Task = None

    def __post_init__(self):
        object.__setattr__(self, "title", "step")
        {more}

    def run(self):
        self.task.delay()

def go():
    Step({given}).run()
"""


def test_a_frozen_record(scan_tree: Scan) -> None:
    # What is not given at all when it is made takes no position.
    assert told(scan_tree, FROZEN.format(more="pass", given="mail")) == [("shop.mail", 21)]
    assert told(scan_tree, FROZEN.format(more='object.__setattr__(self, "task", sweep)', given="")) == [("shop.sweep", 21)]


ACTOR = """
from functools import lru_cache
from typing import Optional, Union
from dramatiq.actor import Actor

@lru_cache(maxsize=8)
def find(name) -> {said}:
    return load(name)

def send(name):
    find(name).send(1)
"""


@pytest.mark.parametrize("said", ["Actor", "Optional[Actor]", "Union[Actor, None]", "Union[None, Actor]", "Actor | None"])
def test_an_actor_that_a_function_is_said_to_give(scan_tree: Scan, said: str) -> None:
    assert told(scan_tree, ACTOR.format(said=said)) == [("", 11)]


@pytest.mark.parametrize("said", ["Union[str, int]", "Union[Board, None]"])
def test_other_things_that_a_function_is_said_to_give(scan_tree: Scan, said: str) -> None:
    assert told(scan_tree, ACTOR.format(said=said)) == []
