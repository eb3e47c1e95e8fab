# ruff: noqa: E501 - code under test reads better on one line
"""What a scheduler is given that was made on the spot around a function that was handed in: each caller is a schedule of its own."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Job, Schedule
from tests.scanners.conftest import Scan

HEAD = "from functools import partial, wraps\nfrom apscheduler.schedulers.background import BackgroundScheduler\nsched = BackgroundScheduler()\ndef audit(): ...\n"
USE = "from jobs import every\ndef sweep(): ...\ndef mail(): ...\nevery(sweep, 60)\nevery(mail, 30)\n"
MADE = {
    "wraps": "def every(run, seconds):\n    @wraps(run)\n    def timed():\n        audit()\n        return run()\n    sched.add_job(timed, 'interval', seconds=seconds)",
    "around": "def every(run, seconds):\n    def timed():\n        with metric.time():\n            run()\n    sched.add_job(timed, 'interval', seconds=seconds)",
    "asynchronous": "def every(run, seconds):\n    async def timed():\n        async with lock:\n            await run()\n    sched.add_job(timed, 'interval', seconds=seconds)",
    "lambda": "def every(run, seconds):\n    sched.add_job(lambda: run(), 'interval', seconds=seconds)",
    "partial": "def every(run, seconds):\n    def timed(name):\n        print(name)\n        run()\n    sched.add_job(partial(timed, 'x'), 'interval', seconds=seconds)",
    "kept for later": "class Plan:\n    def __init__(self):\n        self.kept = []\n    def add(self, run, seconds):\n        @wraps(run)\n        def timed():\n            return run()\n        self.kept.append((timed, seconds))\n    def start(self):\n        for run, seconds in self.kept:\n            sched.add_job(run, 'interval', seconds=seconds)\nplan = Plan()\nevery = plan.add",
}


def schedules(inventory: Inventory) -> list[tuple[str, str, int, str]]:
    return [(s.name, s.location.path, s.location.line, s.confidence) for s in inventory.of(Schedule) if not s.wrapper]


@pytest.mark.parametrize("code", [v for k, v in MADE.items() if k != "kept for later"], ids=[k for k in MADE if k != "kept for later"])
def test_each_caller_is_a_schedule(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"jobs.py": HEAD + code, "use.py": USE})
    assert schedules(inventory) == [("use:sweep", "use.py", 4, "certain"), ("use:mail", "use.py", 5, "certain")]
    assert [j.name for j in inventory.of(Job) if not j.wrapper] == ["use:sweep", "use:mail"]


def test_what_is_kept_for_later_is_one_too(scan_tree: Scan) -> None:
    use = "from jobs import Plan\nclass Sweeper(Plan):\n    def __init__(self):\n        super().__init__()\n        self.add(self.sweep, 60)\n    def sweep(self): ...\nSweeper().start()\n"
    inventory = scan_tree({"jobs.py": HEAD + MADE["kept for later"], "use.py": use})
    assert schedules(inventory) == [("use:Sweeper.sweep", "use.py", 5, "certain")]


OWN_WORK = {
    "calls the project": "def every(run, seconds):\n    def timed():\n        audit()\n        run()\n    sched.add_job(timed, 'interval', seconds=seconds)",
    "runs several": "def every(run, after, seconds=60):\n    def timed():\n        run()\n        after()\n    sched.add_job(timed, 'interval', seconds=5)",
    "runs none": "def every(run, seconds):\n    def timed():\n        print(run)\n    sched.add_job(timed, 'interval', seconds=5)",
    "another's wraps": "def wraps(f):\n    return lambda g: g\ndef every(run, seconds):\n    @wraps(run)\n    def timed():\n        audit()\n    sched.add_job(timed, 'interval', seconds=5)",
    "given something else": "def every(run, seconds):\n    run = run or audit\n    def timed():\n        run()\n    sched.add_job(timed, 'interval', seconds=5)",
    "what it is handed itself": "def every(outer, seconds):\n    def timed(run=audit):\n        run()\n    sched.add_job(timed, 'interval', seconds=5)",
}


@pytest.mark.parametrize("code", OWN_WORK.values(), ids=OWN_WORK)
def test_what_does_work_of_its_own_is_the_job(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"jobs.py": HEAD + code, "use.py": USE})
    assert [j.name for j in inventory.of(Job) if not j.wrapper] == ["jobs:timed"]
    assert {path for _, path, _, _ in schedules(inventory)} == {"jobs.py"}
