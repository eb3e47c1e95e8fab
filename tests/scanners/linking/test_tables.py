"""Dictionaries of Python that are filled after they were made, also from files that import them."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, literal_of
from tests.scanners.conftest import Scan

QUEUES = """
from redis import Redis
from rq import Queue

def fill(queues, names):
    ...

{fill}
"""
USE = """
import reg
from reg import QUEUES, choose

def work(): ...

def send(name):
    {use}.enqueue(work)
"""
REGISTRY = "{made}\n\ndef choose(name):\n    return QUEUES[name]\n"
FILLS = [
    'from reg import QUEUES\nQUEUES["mail"] = Queue("mail", connection=Redis())',
    'from reg import QUEUES as ALL\nALL.setdefault("mail", Queue("mail", connection=Redis()))',
    'import reg\nreg.QUEUES.update({"mail": Queue("mail", connection=Redis())})',
    'from reg import QUEUES\nfor name in ("mail", "slow"):\n    QUEUES[name] = Queue(name, connection=Redis())',
]
USES = ['QUEUES["mail"]', "QUEUES[name]", 'QUEUES.get("mail")', "reg.QUEUES[name]", "choose(name)", 'reg.choose("mail")']


def enqueues(scan_tree: Scan, fill: str, use: str, made: str = "QUEUES = {}") -> list[tuple[str, str, int]]:
    files = {"reg.py": REGISTRY.format(made=made), "setup.py": QUEUES.format(fill=fill), "use.py": USE.format(use=use)}
    return [(e.name, e.location.path, e.location.line) for e in scan_tree(files).of(Enqueue)]


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("use", USES)
def test_a_queue_of_a_table(scan_tree: Scan, fill: str, use: str) -> None:
    assert enqueues(scan_tree, fill, use) == [("use.work", "use.py", 8)]


@pytest.mark.parametrize(
    "made", ["QUEUES = dict()", "QUEUES: dict[str, object] = {}", "from collections import defaultdict\nQUEUES = defaultdict()"]
)
def test_how_a_table_is_made(scan_tree: Scan, made: str) -> None:
    assert [name for name, _, _ in enqueues(scan_tree, FILLS[0], "QUEUES[name]", made)] == ["use.work"]


@pytest.mark.parametrize("over", ["for queue in QUEUES.values():\n        queue", "for _, queue in QUEUES.items():\n        queue"])
def test_every_queue_of_a_table(scan_tree: Scan, over: str) -> None:
    assert enqueues(scan_tree, FILLS[3], over) == [("use.work", "use.py", 9)]


@pytest.mark.parametrize(
    ("fill", "use"),
    [
        (FILLS[0], 'QUEUES["slow"]'),
        ('from other import QUEUES\nQUEUES["mail"] = Queue("mail")', "QUEUES[name]"),
        ('QUEUES = {}\nQUEUES["mail"] = Queue("mail")', "QUEUES[name]"),
        ('from reg import QUEUES\nQUEUES["mail"] = Queue("mail")\nQUEUES["list"] = []', "QUEUES[name]"),
        (FILLS[0], "for queue in QUEUES.keys():\n        queue"),
    ],
)
def test_what_is_no_queue_of_the_table(scan_tree: Scan, fill: str, use: str) -> None:
    assert enqueues(scan_tree, fill, use) == []


CELERY = """
from celery import shared_task
from registry import HANDLERS, register

@shared_task
def mail(to): ...

@shared_task
def sweep(to): ...

HANDLERS["mail"] = mail
HANDLERS["sweep"] = sweep
"""
SENDING = """
HANDLERS = {}

def send(name, to):
    %s
"""
BOTH = [("tasks.mail", 5, "likely"), ("tasks.sweep", 5, "likely")]


@pytest.mark.parametrize(
    ("sends", "expected"),
    [
        ("HANDLERS[name].delay(to)", BOTH),
        ("HANDLERS.get(name).delay(to)", BOTH),
        ("[task.delay(to) for task in HANDLERS.values()]", BOTH),
        ('HANDLERS["mail"].delay(to)', [("tasks.mail", 5, "certain")]),
        ('HANDLERS.get("mail").delay(to)', [("tasks.mail", 5, "certain")]),
    ],
)
def test_a_task_of_a_table(scan_tree: Scan, sends: str, expected: list[tuple[str, int, str]]) -> None:
    inventory = scan_tree({"registry.py": SENDING % sends, "tasks.py": CELERY})
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == expected
    assert inventory.unresolved == ()


def test_a_task_or_another_by_default(scan_tree: Scan) -> None:
    code = "from tasks import mail, sweep\nTASKS = {'mail': mail}\n\ndef send(name, to):\n    TASKS.get(name, sweep).delay(to)\n"
    inventory = scan_tree({"send.py": code, "tasks.py": CELERY.replace("from registry import HANDLERS, register", "HANDLERS = {}")})
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == BOTH


def test_what_a_class_puts_into_its_own(scan_tree: Scan) -> None:
    code = """
    from redis import Redis
    from rq import Queue

    def work(): ...

    class Pool:
        def __init__(self):
            self.queues = {}
            self.others = {}
            self.queues["mail"] = Queue("mail", connection=Redis())

        def send(self, name):
            self.queues[name].enqueue(work)
            self.others[name].enqueue(work)
    """
    assert [(e.name, e.location.line) for e in scan_tree({"pool.py": code}).of(Enqueue)] == [("pool.work", 14)]


FOR_EACH = "QUEUES = {name: Queue(name, connection=Redis()) for name in names()}\n"
TOP = "from redis import Redis\nfrom rq import Queue\n"


@pytest.mark.parametrize("use", ['QUEUES["mail"]', "QUEUES[name]", 'QUEUES.get("mail")', "QUEUES.get(name)"])
def test_a_dictionary_that_is_made_for_each_of_some(scan_tree: Scan, use: str) -> None:
    code = f"{TOP}{FOR_EACH}def work(): ...\ndef send(name):\n    queue = {use}\n    queue.enqueue(work)\n"
    (enqueue,) = scan_tree({"use.py": code}).of(Enqueue)
    assert (enqueue.name, enqueue.location.line, enqueue.queue) == ("use.work", 7, None)


def test_other_dictionaries_that_are_made_for_each_of_some(scan_tree: Scan) -> None:
    entries = "QUEUES = {name: {'enqueue': Queue(name)} for name in names()}\n"
    boards = "BOARDS = {name: Board(name) for name in names()}\n"
    code = f"{TOP}{entries}{boards}def work(): ...\ndef send(name):\n    QUEUES[name]['enqueue'](work)\n    BOARDS[name].enqueue(work)\n"
    assert scan_tree({"use.py": code}).of(Enqueue) == ()


UNPACKED = """
def work(): ...
high.enqueue(work)
low.enqueue(work)
"""


@pytest.mark.parametrize(
    "made",
    [
        pytest.param('high, low = Queue("high", connection=Redis()), Queue("low", connection=Redis())', id="bare"),
        pytest.param('(high, low) = (Queue("high", connection=Redis()), Queue("low", connection=Redis()))', id="in brackets"),
        pytest.param(
            'def make():\n    return Queue("high", connection=Redis()), Queue("low", connection=Redis())\nhigh, low = make()', id="returned"
        ),
        pytest.param(
            'def make():\n    slow = Queue("low", connection=Redis())\n    return Queue("high", connection=Redis()), slow\n'
            "high, low = make()",
            id="returned by name",
        ),
        pytest.param('high, *_ = Queue("high", connection=Redis()), 1, 2\nlow = Queue("low", connection=Redis())', id="before a star"),
    ],
)
def test_queues_by_position(scan_tree: Scan, made: str) -> None:
    found = scan_tree({"use.py": f"{TOP}{made}\n{UNPACKED}"}).of(Enqueue)
    assert [(e.name, literal_of(e.queue)) for e in found] == [("use.work", "high"), ("use.work", "low")]


def test_what_comes_after_a_star_is_not_taken_from_the_front(scan_tree: Scan) -> None:
    made = '*others, low = Queue("high", connection=Redis()), Queue("mid", connection=Redis()), Queue("low", connection=Redis())'
    inventory = scan_tree({"use.py": f"{TOP}{made}\ndef work(): ...\nlow.enqueue(work)\n"})
    assert "mid" not in [literal_of(e.queue) for e in inventory.of(Enqueue)]
    assert [u.line for u in inventory.unresolved] == [5]
