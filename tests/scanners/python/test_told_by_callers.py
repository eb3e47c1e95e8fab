# ruff: noqa: E501 - code under test reads better on one line
"""One function of an application that sends or schedules, whichever its caller asks for: each caller is what it asks for, and no more."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Schedule
from tests.scanners.conftest import Scan

TASKS = "def sweep(): ...\ndef mail(to): ...\n"
FACADE = """
from datetime import timedelta
from rq import Queue
from rq_scheduler import Scheduler

class Jobs:
    def __init__(self):
        self._scheduler = Scheduler(connection=redis)

    def __enter__(self):
        return self

    def enqueue(self, queue_name, function, *args, **kwargs):
        return Queue(queue_name, connection=redis).enqueue(function, *args, **kwargs)

    def later(self, queue_name, delta, function, *args, **kwargs):
        return Queue(queue_name, connection=redis).enqueue_in(delta, function, *args, **kwargs)

    def cron(self, cron, function):
        return self._scheduler.cron(cron, function)

def start(function, cron=None, delta=None, kind="now", queue_name="low", loud=False, **more):
BODY
"""
BODIES = {
    "is not None": """
    if cron is not None and delta is not None:
        raise ValueError("both")
    with Jobs() as jobs:
        if cron is not None:
            jobs.cron(cron, function)
        elif delta is not None:
            jobs.later(queue_name, delta, function)
        else:
            jobs.enqueue(queue_name, function)
""",
    "is None": """
    jobs = Jobs()
    if cron is None:
        jobs.enqueue(queue_name, function)
    else:
        jobs.cron(cron, function)
""",
    "not": """
    jobs = Jobs()
    if not cron:
        return jobs.enqueue(queue_name, function)
    return jobs.cron(cron, function)
""",
    "leaves": """
    jobs = Jobs()
    if cron is not None:
        jobs.cron(cron, function)
        return None
    jobs.enqueue(queue_name, function)
""",
    "a choice": """
    jobs = Jobs()
    return jobs.enqueue(queue_name, function) if cron is None else jobs.cron(cron, function)
""",
    "a chain": """
    jobs = Jobs()
    if delta is not None:
        jobs.later(queue_name, delta, function)
    elif cron is None:
        jobs.enqueue(queue_name, function)
    else:
        jobs.cron(cron, function)
""",
    "equal": """
    jobs = Jobs()
    if kind == "later" and loud:
        jobs.later(queue_name, delta, function)
    if cron == None:
        jobs.enqueue(queue_name, function)
    if cron != None:
        jobs.cron(cron, function)
""",
}
USE = """
from start import start
from tasks import mail, sweep
HOURLY = "0 * * * *"

start(mail)
start(sweep, cron=HOURLY)
"""


def asked(scan_tree: Scan, body: str, use: str) -> list[tuple[str, str, str]]:
    """(kind, name, confidence) of what `use.py` sends and schedules."""
    inventory = scan_tree({"tasks.py": TASKS, "start.py": FACADE.replace("BODY", body.strip("\n")), "use.py": use})
    found = [i for i in inventory.items if isinstance(i, Enqueue | Schedule) and i.location.path == "use.py"]
    return sorted({(type(i).__name__, i.name.rpartition(".")[2], i.confidence) for i in found})


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_caller_sends_or_schedules_as_it_asks_for(scan_tree: Scan, body: str) -> None:
    assert asked(scan_tree, body, USE) == [("Enqueue", "mail", "certain"), ("Schedule", "sweep", "certain")]


BOTH = [("Enqueue", "mail"), ("Schedule", "mail")]
UNTOLD = {
    "what the run knows": "from start import start\nfrom tasks import mail\nstart(mail, cron=load())\n",
    "what a setting says": "from django.conf import settings\nfrom start import start\nfrom tasks import mail\nstart(mail, cron=settings.WHEN)\n",
    "what is spread": "from start import start\nfrom tasks import mail\nstart(mail, **options())\n",
    "what is spread by position": "from start import start\nfrom tasks import mail\nstart(mail, *options())\n",
    "what a function gives": "from start import start\nfrom tasks import mail\ndef when():\n    if night():\n        return None\n    return '1 * * * *'\nstart(mail, cron=when())\n",
    "what is found out": "from start import start\nfrom tasks import mail\nwhen = None\nfor each in load():\n    when = each\nstart(mail, cron=when)\n",
    "a name that is filled later": "from start import start\nfrom tasks import mail\nwhen = None\ndef go():\n    start(mail, cron=when)\ndef fill():\n    global when\n    when = '1 * * * *'\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("use", UNTOLD.values(), ids=UNTOLD)
def test_what_is_not_known_of_a_caller_is_both(scan_tree: Scan, body: str, use: str) -> None:
    assert [(kind, name) for kind, name, _ in asked(scan_tree, body, use)] == BOTH


REASSIGNED = {
    "given something else": "    cron = cron or when_of(function)\n    if cron is None:\n        Jobs().enqueue(queue_name, function)\n    else:\n        Jobs().cron(cron, function)",
    "given something else, or not": "    if late():\n        cron = when_of(function)\n    if not cron:\n        Jobs().enqueue(queue_name, function)\n    if cron:\n        Jobs().cron(cron, function)",
    "what a function says first": "    ready = first(function)\n    if not ready:\n        return\n    Jobs().enqueue(queue_name, function)\n    Jobs().cron(cron, function)",
    "another thing's attribute": "    if settings.cron is None:\n        Jobs().enqueue(queue_name, function)\n    else:\n        Jobs().cron(cron, function)",
    "other comparisons": "    if cron in (None, ''):\n        Jobs().enqueue(queue_name, function)\n    if len(more) < 1 < 2:\n        Jobs().cron(cron, function)",
    "two things of the run": "    if cron is more:\n        Jobs().enqueue(queue_name, function)\n    if more == settings:\n        Jobs().cron(cron, function)",
}


@pytest.mark.parametrize("body", REASSIGNED.values(), ids=REASSIGNED)
def test_conditions_on_other_things_keep_nothing_out(scan_tree: Scan, body: str) -> None:
    body += "\n\ndef first(function):\n    if late():\n        return None\n    return function\n"
    assert [
        (kind, name) for kind, name, _ in asked(scan_tree, body, "from start import start\nfrom tasks import mail\nstart(mail)\n")
    ] == BOTH


HEAD = "from django.conf import settings\nfrom rq import Queue\nimport conf\nqueue = Queue('low', connection=redis)\nLOCAL = False\n"
DEPENDING = {
    "a setting": "def put(function):\n    if settings.USE_QUEUE:\n        queue.enqueue(function)\n    else:\n        function()\n",
    "a setting, left early": "def put(function):\n    if not settings.USE_QUEUE:\n        return function()\n    queue.enqueue(function)\n",
    "a setting in a name": "def put(function):\n    ready = settings.USE_QUEUE\n    if ready:\n        queue.enqueue(function)\n",
    "another file's constant": "def put(function):\n    return queue.enqueue(function) if conf.USE_QUEUE else function()\n",
    "a constant": "def put(function):\n    if LOCAL:\n        queue.enqueue(function)\n",
    "what a function gives": "def local():\n    return False\ndef put(function):\n    if local():\n        queue.enqueue(function)\n",
}


@pytest.mark.parametrize("code", DEPENDING.values(), ids=DEPENDING)
def test_what_may_be_set_otherwise_keeps_nothing_out(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree(
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
            "site/settings.py": "USE_QUEUE = False\n",
            "site/production.py": "from site.settings import *\nUSE_QUEUE = True\n",
            "conf.py": "USE_QUEUE = False\n",
            "put.py": HEAD + code,
            "use.py": "from put import put\ndef mail(): ...\nput(mail)\n",
        }
    )
    assert [(e.name, e.location.path, e.confidence) for e in inventory.of(Enqueue) if not e.wrapper] == [("use.mail", "use.py", "certain")]


ITEMS = {
    "an entry": "for job in JOBS:\n    if job['cron']:\n        scheduler.cron(job['cron'], job['run'])\n    else:\n        queue.enqueue(job['run'])\n",
    "asked for": "for job in JOBS:\n    when = job.get('cron')\n    if not when:\n        queue.enqueue(job['run'])\n        continue\n    scheduler.cron(when, job['run'])\n",
}


@pytest.mark.parametrize("code", ITEMS.values(), ids=ITEMS)
def test_what_an_item_of_a_loop_says_decides(scan_tree: Scan, code: str) -> None:
    head = "from rq import Queue\nfrom rq_scheduler import Scheduler\nqueue = Queue('low', connection=redis)\nscheduler = Scheduler(connection=redis)\n"
    jobs = "def mail(): ...\ndef sweep(): ...\nJOBS = [{'run': mail, 'cron': ''}, {'run': sweep, 'cron': '0 * * * *'}]\n"
    inventory = scan_tree({"plan.py": head + jobs + code})
    found = [(type(i).__name__, i.name) for i in inventory.items if isinstance(i, Enqueue | Schedule) and not i.wrapper]
    assert sorted(found) == [("Enqueue", "plan.mail"), ("Schedule", "plan.sweep")]
