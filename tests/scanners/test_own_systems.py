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


DECORATOR = """
import functools

def task(name):
    def outer(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            {put}
        return wrapper
    return outer
"""
BY_NAME = "puts the function that task decorates into a queue by its name: jobs of a system of this project's own, which are not read"


@pytest.mark.parametrize(
    ("put", "said"),
    [
        pytest.param("return service.enqueue(function.__module__, function.__name__, args)", [8], id="by position"),
        pytest.param("send_job(module=function.__module__, name=function.__qualname__, args=args)", [8], id="by keyword"),
        pytest.param("log.info(function.__module__, function.__name__)", [], id="a log"),
        pytest.param("service.enqueue(function.__name__, args)", [], id="a name alone"),
        pytest.param("service.put(other.__module__, other.__name__)", [], id="something else"),
    ],
)
def test_a_decorator_that_hands_the_name_of_a_function_on(scan_tree: Scan, put: str, said: list[int]) -> None:
    inventory = scan_tree({"tasks.py": DECORATOR.format(put=put)})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(line, BY_NAME) for line in said]


def test_a_function_that_hands_on_the_name_of_what_it_is_given(scan_tree: Scan) -> None:
    code = "def start(function, *args):\n    service.enqueue(function.__module__, function.__name__, args)\n"
    assert scan_tree({"tasks.py": code}).unresolved == ()
