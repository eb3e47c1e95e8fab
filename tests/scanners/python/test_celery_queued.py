"""Calls that put a task on the queue though they are no method of it: by its decorator, or through a function that makes a signature."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Literal
from tests.scanners.conftest import Scan

QUEUE = """
import functools
import threading

from celery import group

_local = threading.local()

def waiting():
    return _local.waiting

def flush():
    group(waiting()).apply_async()

def put(signature):
    waiting().append(signature)

def queued(task):
    @functools.wraps(task)
    def called(*args, **kwargs):
        put(task.si(*args, **kwargs))
    return called

def after_commit(task, args, celery=False):
    if celery:
        waiting().append(task.si(*args))
    else:
        task(*args)

def committed(celery=False):
    def wrap(function):
        def called(*args):
            after_commit(function, args, celery=celery)
        return called
    return wrap

def logged(task):
    def called(*args, **kwargs):
        print(task.name)
        return task(*args, **kwargs)
    return called
"""
TASKS = """
from celery import Celery
from queueing import after_commit, committed, logged, queued

app = Celery("shop")

{decorator}
@app.task
def mail(to): ...
"""


def enqueues(inventory: Inventory, path: str) -> list[tuple[str, int, str, str]]:
    return [(e.name, e.location.line, e.confidence, e.reason) for e in inventory.of(Enqueue, "celery") if e.location.path == path]


@pytest.mark.parametrize(("decorator", "name"), [("@queued", "queued"), ("@committed(celery=True)", "committed")])
def test_a_decorator_that_puts_the_task_on_the_queue(scan_tree: Scan, decorator: str, name: str) -> None:
    use = "from tasks import mail\ndef view(request):\n    mail(request.user)\n"
    inventory = scan_tree({"queueing.py": QUEUE, "tasks.py": TASKS.format(decorator=decorator), "views.py": use})
    assert enqueues(inventory, "views.py") == [("tasks.mail", 3, "likely", f"its decorator {name} puts it on the queue")]
    assert [j.name for j in inventory.of(Job, "celery") if not j.wrapper] == ["tasks.mail"]


@pytest.mark.parametrize("decorator", ["@committed(celery=False)", "@committed()", "@logged", ""])
def test_a_task_that_is_called_runs_on_the_spot(scan_tree: Scan, decorator: str) -> None:
    # What is handed to it is a function, as it is to what makes tasks.
    use = "from tasks import mail\nclass User:\n    @property\n    def key(self): ...\n    def save(self):\n        mail(self.key)\n"
    inventory = scan_tree({"queueing.py": QUEUE, "tasks.py": TASKS.format(decorator=decorator), "users.py": use})
    assert enqueues(inventory, "users.py") == []
    assert [j.name for j in inventory.of(Job, "celery") if not j.wrapper] == ["tasks.mail"]


def test_a_function_that_makes_a_signature_of_what_it_is_handed(scan_tree: Scan) -> None:
    use = "from queueing import after_commit\nfrom tasks import mail\ndef view(to):\n    after_commit(mail, (to,), celery=True)\n"
    inventory = scan_tree({"queueing.py": QUEUE, "tasks.py": TASKS.format(decorator=""), "views.py": use})
    assert enqueues(inventory, "views.py") == [("tasks.mail", 4, "certain", "")]


def test_the_same_function_on_what_is_no_task(scan_tree: Scan) -> None:
    use = """
    import re
    from queueing import after_commit
    from tasks import mail
    def plain(to): ...
    def view(to):
        after_commit(mail, (to,))
        after_commit(plain, (to,), celery=True)
        re.compile("x").s(to)
        to.s(1)
    """
    inventory = scan_tree({"queueing.py": QUEUE, "tasks.py": TASKS.format(decorator=""), "views.py": use})
    assert (enqueues(inventory, "views.py"), [u for u in inventory.unresolved if u.path == "views.py"]) == ([], [])


@pytest.mark.parametrize(
    ("common", "name"),
    [
        pytest.param("dict(max_retries=3, autoretry_for=(OSError,))", "tasks.mail", id="dict()"),
        pytest.param("{'max_retries': 3, 'autoretry_for': (OSError,)}", "tasks.mail", id="a display"),
        pytest.param("dict(load(), max_retries=3)", "", id="of something else"),
        pytest.param("load()", "", id="only the run knows"),
    ],
)
def test_options_that_several_tasks_share(scan_tree: Scan, common: str, name: str) -> None:
    code = f"from celery import Celery\napp = Celery('x')\nCOMMON = {common}\n@app.task(**COMMON)\ndef mail(): ...\n"
    [job] = scan_tree({"tasks.py": code}).of(Job, "celery")
    assert (job.name, job.confidence) == (name, "certain" if name else "likely")
    assert (job.retry is not None and job.retry.max_attempts == Literal(4)) or not name
