"""`super()` in a mixin leads to the bases beside it in the class of the instance."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

SCHEDULERS = """
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler


class Patient:
    def add_job(self, func, trigger=None, **kwargs):
        kwargs.setdefault("misfire_grace_time", 600)
        return super().add_job(func, trigger=trigger, **kwargs)


class Threads(Patient, BackgroundScheduler):
    pass


class Loop(Patient, AsyncIOScheduler):
    pass


threads = Threads()
loop = Loop()
"""
USE = """
from schedulers import loop, threads

def sweep(): ...
def tidy(): ...

threads.add_job(sweep, trigger="cron", hour=3)
loop.add_job(tidy, "interval", minutes=5)
"""


def test_a_mixin_in_front_of_a_scheduler(scan_tree: Scan) -> None:
    inventory = scan_tree({"schedulers.py": SCHEDULERS, "use.py": USE})
    assert [(s.job_name, s.location.path, s.location.line, literal_of(s.interval)) for s in inventory.of(Schedule) if not s.wrapper] == [
        ("use:sweep", "use.py", 7, None),
        ("use:tidy", "use.py", 8, 300),
    ]
    assert [(j.name, j.location.line) for j in inventory.of(Job)] == [("use:sweep", 4), ("use:tidy", 5)]


def test_a_mixin_of_another_file(scan_tree: Scan) -> None:
    mixin, _, rest = SCHEDULERS.partition("class Threads")
    imports, _, mixin = mixin.partition("class Patient")
    files = {
        "patience.py": f"class Patient{mixin}",
        "schedulers.py": f"{imports}from patience import Patient\nclass Threads{rest}",
        "use.py": USE,
    }
    found = [s for s in scan_tree(files).of(Schedule) if not s.wrapper]
    assert [(s.job_name, s.location.path, s.location.line, s.via) for s in found] == [
        ("use:sweep", "use.py", 7, ("add_job",)),
        ("use:tidy", "use.py", 8, ("add_job",)),
    ]


def test_a_job_that_is_given_no_trigger_runs_once(scan_tree: Scan) -> None:
    once = "\ndef once(): ...\n\nthreads.add_job(once, id='once')\n"
    inventory = scan_tree({"schedulers.py": SCHEDULERS.replace("trigger=None,", "trigger: str | None = None,"), "use.py": USE + once})
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [("use:once", 12, "certain")]
    assert [s.job_name for s in inventory.of(Schedule) if not s.wrapper] == ["use:sweep", "use:tidy"]


def test_a_task_class_with_a_mixin(scan_tree: Scan) -> None:
    code = """
    from celery import Celery, Task

    class Logged:
        def delay(self, *args, **kwargs):
            print(args)
            return super().delay(*args, **kwargs)

    class LoggedTask(Logged, Task):
        pass

    app = Celery("shop")

    @app.task(base=LoggedTask)
    def mail(to): ...

    mail.delay("a@example.com")
    """
    assert [(e.name, e.location.line) for e in scan_tree({"shop.py": code}).of(Enqueue)] == [("shop.mail", 17)]


@pytest.mark.parametrize(
    "bases",
    [
        pytest.param("Patient", id="nothing beside it"),
        pytest.param("BackgroundScheduler, Patient", id="it comes last"),
        pytest.param("Patient, Board", id="a class of one's own beside it"),
    ],
)
def test_a_mixin_whose_super_is_no_scheduler(scan_tree: Scan, bases: str) -> None:
    code = f"""
    from apscheduler.schedulers.background import BackgroundScheduler

    class Board:
        def add_job(self, func, trigger=None, **kwargs):
            self.shown = func

    class Patient:
        def add_job(self, func, trigger=None, **kwargs):
            return super().add_job(func, trigger=trigger, **kwargs)

    class Own({bases}):
        pass

    def sweep(): ...
    """
    board = code + "\n    Own().add_job(sweep)\n"
    found = scan_tree({"own.py": board}).of(Job)
    assert [j.name for j in found] == (["own:sweep"] if bases.startswith("Background") else [])
