"""Job systems of a project's own: an object that stands for a function and can put it into a queue is said."""

from __future__ import annotations

import pytest

from tests.scanners.conftest import Scan

TASK = """
class Task:
    def __init__(self, function, queue):
        self.function, self.queue = function, queue

    def __call__(self, *args):
        return self.function(*args)

    def {method}(self, *args):
        return storage.put(self.function, self.queue, args)


def task(queue):
    return lambda function: Task(function, queue)
"""
USE = "from tasks import task\n\n@task('high')\ndef tidy(): ...\n\ndef view():\n    tidy.{method}()\n"
WHY = "an object of Task runs a function when it is called and has a method {}: jobs of a system of this project's own, which are not read"


@pytest.mark.parametrize("method", ["enqueue", "delay", "apply_async", "defer"])
def test_what_it_makes_is_said(scan_tree: Scan, method: str) -> None:
    inventory = scan_tree({"tasks.py": TASK.format(method=method), "use.py": USE.format(method=method)})
    assert (2, WHY.format(method)) in [(u.line, u.reason) for u in inventory.unresolved if u.path == "tasks.py"]
    assert inventory.items == ()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(TASK.format(method="enqueue").replace("__call__", "run"), id="not called as a function"),
        pytest.param(TASK.format(method="show"), id="nothing that sends"),
        pytest.param("from vendor import Base\n" + TASK.format(method="enqueue").replace("Task:", "Task(Base):"), id="of a package"),
        pytest.param("def enqueue(function): ...\ndef __call__(self): ...\n", id="no class"),
    ],
)
def test_others_are_not(scan_tree: Scan, code: str) -> None:
    assert scan_tree({"tasks.py": code}).unresolved == ()


def test_a_wrapper_of_a_system_that_is_read_is_that_system(scan_tree: Scan) -> None:
    head = "from redis import Redis\nfrom rq import Queue\nmails = Queue(connection=Redis())\n"
    code = head + TASK.format(method="enqueue").replace(
        "storage.put(self.function, self.queue, args)", "mails.enqueue(self.function, *args)"
    )
    assert not [u for u in scan_tree({"tasks.py": code}).unresolved if "system of this project's own" in u.reason]
