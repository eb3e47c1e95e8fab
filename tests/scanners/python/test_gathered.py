"""Jobs that are gathered first and sent later, at the end of a request: each is found where it is gathered, or the sending is reported."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory
from tests.scanners.conftest import Scan

ARQ = """
from contextvars import ContextVar
from arq import ArqRedis
from flask import g, request

waiting: ContextVar[list] = ContextVar("waiting")

def pending():
    return waiting.get()

def enqueue_job(name, *args):
    {gather}.append((name, args))

async def flush(redis: ArqRedis):
    for name, args in {gathered}:
        await redis.enqueue_job(name, *args)

async def send_mail(ctx, to): ...

class WorkerSettings:
    functions = [send_mail]
"""
VIEW = 'from jobs import enqueue_job\n\ndef signup(user):\n    enqueue_job("send_mail", user)\n'
PLACES = ["waiting.get()", "pending()", "g.jobs", "request.state.jobs"]


def enqueues(inventory: Inventory) -> list[tuple[str, str, int, str]]:
    return [(e.name, e.location.path, e.location.line, e.confidence) for e in inventory.of(Enqueue) if e.name]


def unnamed(inventory: Inventory) -> list[tuple[str, int]]:
    return [(e.location.path, e.location.line) for e in inventory.of(Enqueue) if not e.name and not e.wrapper]


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_is_gathered(scan_tree: Scan, place: str) -> None:
    inventory = scan_tree({"jobs.py": ARQ.format(gather=place, gathered=place), "views.py": VIEW})
    assert (enqueues(inventory), unnamed(inventory)) == ([("send_mail", "views.py", 4, "certain")], [])


def test_a_place_that_has_a_name_of_its_own_where_it_is_used(scan_tree: Scan) -> None:
    code = ARQ.format(gather="waiting.get()", gathered="jobs").replace("    for name", "    jobs = waiting.get()\n    for name")
    code = code.replace("    waiting.get().append", "    mine = waiting.get()\n    mine.append")
    assert enqueues(scan_tree({"jobs.py": code, "views.py": VIEW})) == [("send_mail", "views.py", 4, "certain")]


def test_another_place_gathers_nothing_for_it(scan_tree: Scan) -> None:
    inventory = scan_tree({"jobs.py": ARQ.format(gather="g.words", gathered="g.jobs"), "views.py": VIEW})
    # That something is sent is told where it is sent.
    assert (enqueues(inventory), unnamed(inventory)) == ([], [("jobs.py", 16)])


CELERY = """
from celery import Celery
from flask import g

app = Celery("shop")

@app.task
def mail(to): ...

@app.task
def sweep(): ...

class Later:
    def __init__(self):
        self.tasks = []

    def add(self, task, *args):
        self.tasks.append((task, args))

    def send(self):
        for task, args in self.tasks:
            task.apply_async(args=args)

def later(task, *args):
    g.tasks.append((task, args))

def flush():
    for task, args in g.tasks:
        task.delay(*args)
"""


def test_tasks_that_are_gathered(scan_tree: Scan) -> None:
    use = "from shop import Later, later, mail, sweep\n\ndef view(batch: Later):\n    batch.add(mail, 1)\n    later(sweep)\n"
    inventory = scan_tree({"shop.py": CELERY, "views.py": use})
    assert enqueues(inventory) == [("shop.mail", "views.py", 4, "certain"), ("shop.sweep", "views.py", 5, "certain")]
    assert (unnamed(inventory), inventory.unresolved) == ([], ())


def test_what_only_the_run_knows_is_said_where_it_is_sent(scan_tree: Scan) -> None:
    inventory = scan_tree({"shop.py": CELERY, "views.py": "from shop import later\n\ndef view(which):\n    later(which)\n"})
    assert (enqueues(inventory), unnamed(inventory)) == ([], [("shop.py", 22), ("shop.py", 29)])
    assert [(u.path, u.line) for u in inventory.unresolved] == [("shop.py", 22), ("shop.py", 29)]


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("from shop import Later, mail\n\ndef view(batch: Later):\n    batch.drop(mail)\n", id="another method"),
        pytest.param("from shop import mail\n\ndef view(tasks):\n    tasks.append((mail, ()))\n", id="another list"),
        pytest.param("from flask import g\nfrom shop import mail\n\ndef view():\n    g.seen.append(mail)\n", id="another attribute"),
    ],
)
def test_tasks_that_go_somewhere_else(scan_tree: Scan, use: str) -> None:
    assert enqueues(scan_tree({"shop.py": CELERY, "views.py": use})) == []
