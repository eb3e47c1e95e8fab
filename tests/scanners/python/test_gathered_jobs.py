"""Jobs that one function gathers in a list and another sends: whoever has them gathered enqueues them."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue
from tests.scanners.conftest import Scan

CELERY = """
from celery import Celery
app = Celery("p")
@app.task(name="mail")
def mail(to): ...
@app.task(name="sweep")
def sweep(): ...
"""
CLASS = """
from collections import deque
from tasks import app
class Gathered:
    def __init__(self):
        self.jobs = {empty}
    def later(self, name, *args):
        self.jobs.{put}((name, args))
    def flush(self):
        {before}
        for name, args in {over}:
            app.send_task(name, args)
    @classmethod
    def current(cls) -> "{declared}":
        return _current.get()
"""
USE = """
from gathered import Gathered
def order(gathered: Gathered, to):
    gathered.later("mail", to)
def clean():
    Gathered.current().later("sweep")
"""


def gathered(put: str = "append", over: str = "self.jobs", before: str = "pass", empty: str = "[]", declared: str = "Gathered") -> str:
    return CLASS.format(put=put, over=over, before=before, empty=empty, declared=declared)


def shown(scan_tree: Scan, files: dict[str, str]) -> list[tuple[str, str, int]]:
    found = scan_tree({"tasks.py": CELERY, **files}).of(Enqueue)
    return [(e.name, e.location.path, e.location.line) for e in found if not e.wrapper]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(gathered(), id="list"),
        pytest.param(gathered("appendleft", empty="deque()"), id="deque"),
        pytest.param(gathered("add", empty="set()", over="sorted(self.jobs)"), id="set, sorted"),
        pytest.param(gathered(over="self.jobs[:10]"), id="a part of it"),
        pytest.param(gathered(over="self.jobs.copy()"), id="a copy"),
        pytest.param(gathered(over="own", before="own = [job for job in self.jobs if mine(job)]"), id="those that are chosen"),
        pytest.param(gathered(over="own", before="own = self.jobs"), id="under another name"),
        pytest.param(gathered(declared="Gathered | None"), id="perhaps none is there"),
    ],
)
def test_an_object_gathers(scan_tree: Scan, text: str) -> None:
    assert shown(scan_tree, {"gathered.py": text, "use.py": USE}) == [("mail", "use.py", 4), ("sweep", "use.py", 6)]


def test_a_module_gathers(scan_tree: Scan) -> None:
    text = """
        from tasks import app
        waiting = []
        def later(name, *args):
            waiting.append((name, args))
        def at_once():
            waiting.append(("sweep", ()))
        def flush():
            for name, args in waiting:
                app.send_task(name, args)
        """
    use = "from gathered import later\ndef order(to):\n    later('mail', to)\n"
    assert shown(scan_tree, {"gathered.py": text, "use.py": use}) == [("sweep", "gathered.py", 7), ("mail", "use.py", 3)]


def test_what_is_gathered_and_sent_by_the_same_function_stays(scan_tree: Scan) -> None:
    text = """
        from tasks import app
        def order(names):
            waiting = []
            for name in names:
                waiting.append((name, ()))
            for name, args in waiting:
                app.send_task(name, args)
        """
    assert shown(scan_tree, {"use.py": text}) == [("", "use.py", 8)]


@pytest.mark.parametrize(
    "over",
    [
        pytest.param("self.others", id="another list"),
        pytest.param("[made(job) for job in self.jobs]", id="what is made of it"),
        pytest.param("load(self.jobs)", id="what a function gives for it"),
    ],
)
def test_what_goes_into_another_list_is_not_sent(scan_tree: Scan, over: str) -> None:
    text = gathered(over=over)
    assert shown(scan_tree, {"gathered.py": text, "use.py": USE}) == [("", "gathered.py", 12)]
