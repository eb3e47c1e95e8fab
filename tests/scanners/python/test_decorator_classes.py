"""Decorators that are objects of a class of the project's own, and give what they decorate to a scheduler."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Literal, Schedule
from tests.scanners.conftest import Scan

CLOCK = """
from apscheduler.schedulers.blocking import BlockingScheduler

schedule = BlockingScheduler()

class scheduled:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs

    def __call__(self, function):
        self.callback = function
        schedule.add_job(self.run, id=function.__name__, *self.args, **self.kwargs)
        return self.run

    def run(self):
        self.callback()
"""
USE = """
from clock import scheduled

def plan():
    @scheduled("interval", minutes=5)
    def update(): ...

@scheduled("cron", hour=3)
def clean(): ...
"""


def seen(inventory: Inventory) -> list[tuple[str, str, int, object, object, str]]:
    found = [s for s in inventory.of(Schedule) if not s.wrapper]
    return [(s.job_name, s.location.path, s.location.line, s.cron, s.interval, s.confidence) for s in found]


def test_each_decorated_function_is_a_schedule(scan_tree: Scan) -> None:
    inventory = scan_tree({"clock.py": CLOCK, "use.py": USE})
    assert seen(inventory) == [
        ("use:update", "use.py", 5, None, Literal(300), "certain"),
        ("use:clean", "use.py", 8, Literal("0 3 * * *"), None, "certain"),
    ]
    # What runs them is no job of its own, and nothing is sent where they are registered.
    assert [j.name for j in inventory.of(Job)] == ["use:update", "use:clean"]
    assert inventory.of(Enqueue) == ()


def test_one_that_nobody_uses_is_what_it_is(scan_tree: Scan) -> None:
    inventory = scan_tree({"clock.py": CLOCK})
    assert [(s.job_name, s.location.line, s.confidence, s.reason) for s in inventory.of(Schedule)] == [
        ("clock:scheduled.run", 13, "likely", "when it fires is only known at run time")
    ]


OTHERS = {
    "it gives nothing to a scheduler": CLOCK.replace("schedule.add_job(self.run, id=function.__name__, *self.args, **self.kwargs)", "pass"),
    "it is given nothing": CLOCK.replace("class scheduled:", "class Scheduled:") + "\ndef scheduled(*a, **k):\n    return lambda f: f\n",
}


@pytest.mark.parametrize("clock", OTHERS.values(), ids=OTHERS)
def test_another_decorator_of_that_name_schedules_nothing(scan_tree: Scan, clock: str) -> None:
    inventory = scan_tree({"clock.py": clock, "use.py": USE})
    assert [path for _, path, *_ in seen(inventory) if path == "use.py"] == []
    assert [j.name for j in inventory.of(Job) if j.location.path == "use.py"] == []


@pytest.mark.parametrize(
    "call", ["schedule.add_job(tidy, *when)", "schedule.add_job(tidy, **when)", "schedule.add_job(tidy, *when, **more)"]
)
def test_what_is_unpacked_may_be_a_trigger(scan_tree: Scan, call: str) -> None:
    head = "from apscheduler.schedulers.blocking import BlockingScheduler\nschedule = BlockingScheduler()\ndef tidy(): ...\n"
    inventory = scan_tree({"clock.py": f"{head}when, more = load(), load()\n{call}\n"})
    assert [(s.job_name, s.confidence, s.reason) for s in inventory.of(Schedule)] == [
        ("clock:tidy", "likely", "when it fires is only known at run time")
    ]
    assert inventory.of(Enqueue) == ()
