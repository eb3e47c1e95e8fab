# ruff: noqa: E501 - code under test reads better on one line
"""BullMQ's Python port: what is put into queues, schedules, workers and what they run, and look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of

HEAD = "from bullmq import FlowProducer, Queue, Worker\nmails = Queue('mails', {'connection': 'redis://x', 'defaultJobOptions': {'attempts': 4, 'backoff': 500}})\n"


def enqueues(inventory: Inventory) -> list[tuple[str, str, object]]:
    return [(e.form, e.name, literal_of(e.queue)) for e in inventory.of(Enqueue, "bullmq")]


ENQUEUES = {
    "add": ("await mails.add('welcome', {'to': 1})", [("add", "welcome", "mails")]),
    "add with keywords": ("await mails.add(name='welcome', data={}, opts={'delay': 5})", [("add", "welcome", "mails")]),
    "name from a constant": ("NAME = 'wel' + 'come'\nawait mails.add(NAME, {})", [("add", "welcome", "mails")]),
    "queue made on the spot": ("await Queue('other').add('a', {})", [("add", "a", "other")]),
    "queue by keyword": ("q = Queue(name='other', opts={})\nawait q.add('a', {})", [("add", "a", "other")]),
    "module": ("import bullmq\nq = bullmq.Queue('other')\nawait q.add('a', {})", [("add", "a", "other")]),
    "submodule": ("from bullmq.queue import Queue as Q\nq = Q('other')\nawait q.add('a', {})", [("add", "a", "other")]),
    "task": ("import asyncio\nasyncio.create_task(mails.add('a', {}))", [("add", "a", "mails")]),
    "bulk": ("await mails.addBulk([{'name': 'a', 'data': {}}, dict(name='b', data={})])", [("addBulk", "a", "mails"), ("addBulk", "b", "mails")]),
    "bulk of a comprehension": ("await mails.addBulk([{'name': 'a', 'data': x} for x in xs])", [("addBulk", "a", "mails")]),
    "bulk kept": ("jobs = [{'name': 'a', 'data': x} for x in xs]\nawait mails.addBulk(jobs)", [("addBulk", "a", "mails")]),
    "bulk added up": ("jobs = []\nfor x in xs:\n    jobs.append({'name': 'a', 'data': x})\nawait mails.addBulk(jobs)", [("addBulk", "a", "mails")]),
    "bulk at run time": ("await mails.addBulk(load())", [("addBulk", "", "mails")]),
    "flow": ("await FlowProducer({}).add({'name': 'p', 'queueName': 'q', 'children': [{'name': 'c', 'queueName': 'r'}]})", [("flow", "c", "r"), ("flow", "p", "q")]),
    "flows": ("f = FlowProducer()\nawait f.addBulk([{'name': 'p', 'queueName': 'q'}])", [("flow", "p", "q")]),
    "attribute": ("class Mailer:\n    def __init__(self):\n        self.queue = Queue('own')\n    async def go(self):\n        await self.queue.add('a', {})", [("add", "a", "own")]),
    "queue handed in": ("async def go(queue: Queue):\n    await queue.add('a', {})", [("add", "a", None)]),
    "wrapper": ("async def put(name, data):\n    await mails.add(name, data)\nasync def f():\n    await put('a', {})\n    await put('b', {})", [("add", "", "mails"), ("add", "a", "mails"), ("add", "b", "mails")]),
    "loop": ("for name in ('a', 'b'):\n    await mails.add(name, {})", [("add", "a", "mails"), ("add", "b", "mails")]),
    "name at run time": ("await mails.add(request.name, {})", [("add", "", "mails")]),
}  # fmt: skip


@pytest.mark.parametrize("form", ENQUEUES)
def test_enqueues(scan_tree, form: str) -> None:
    code, expected = ENQUEUES[form]
    assert enqueues(scan_tree({"use.py": HEAD + code})) == expected


@pytest.mark.parametrize(
    "code",
    [
        "seen = set()\nseen.add('a')",
        "from rq import Queue as Rq\nRq('q').add('a', {})",
        "await mails.getJob('1')",
        "await mails.drain()",
        "session.add(row)",
        "class Queue:\n    def add(self, a, b): ...\nQueue().add('a', {})",
    ],
)
def test_what_puts_nothing_into_a_queue(scan_tree, code: str) -> None:
    assert enqueues(scan_tree({"use.py": HEAD + code})) == []


def test_a_queue_on_a_framework_is_known_by_its_name(scan_tree) -> None:
    code = "async def go(request):\n    await request.app.state.mails.add('a', {})\n    mails.add('b')\n    request.mails.add('c')\n"
    (enqueue,) = scan_tree({"app.py": HEAD, "use.py": "import bullmq\n" + code}).of(Enqueue)
    assert (enqueue.name, enqueue.confidence, enqueue.queue) == ("a", "likely", Literal("mails"))


def test_what_an_enqueue_says(scan_tree) -> None:
    code = "async def f():\n    for x in xs:\n        await mails.add('a', {'x': x}, {'delay': 1500, 'priority': 2, 'jobId': 'one', 'attempts': 7})\n"
    (enqueue,) = scan_tree({"use.py": HEAD + code}).of(Enqueue)
    assert (enqueue.delay, enqueue.priority, enqueue.dedupe, enqueue.max_attempts) == (
        Literal(1.5),
        Literal(-2),
        Literal("one"),
        Literal(7),
    )
    assert (enqueue.in_loop, enqueue.in_async, enqueue.awaited, enqueue.inside) == (True, True, True, "f")


def test_the_queue_says_how_often_a_job_is_tried(scan_tree) -> None:
    (enqueue,) = scan_tree({"use.py": HEAD + "await mails.add('a', {})\n"}).of(Enqueue)
    assert enqueue.max_attempts == Literal(4)


SCHEDULES = {
    "cron": ("await mails.upsertJobScheduler('nightly', {'pattern': '0 3 * * *', 'tz': 'Europe/Paris'}, 'clean', {})", ("nightly", "clean", "0 3 * * *", None, "Europe/Paris")),
    "interval": ("await mails.upsertJobScheduler('often', {'every': 5000})", ("often", "often", None, 5, "")),
    "keywords": ("await mails.upsertJobScheduler(job_scheduler_id='often', repeat_opts=dict(every=5000), job_name='x')", ("often", "x", None, 5, "")),
    "scheduler of the queue": ("await mails.jobScheduler.upsertJobScheduler('often', {'every': 5000}, 'x')", ("often", "x", None, 5, "")),
}  # fmt: skip


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree, form: str) -> None:
    code, expected = SCHEDULES[form]
    (s,) = scan_tree({"use.py": HEAD + code}).of(Schedule)
    assert (s.name, s.job_name, literal_of(s.cron), literal_of(s.interval), s.timezone) == expected


WORKERS = {
    "function": "async def process(job, token): ...\nworker = Worker('mails', process, {'concurrency': 3})",
    "keywords": "async def process(job, token): ...\nWorker(name='mails', processor=process, opts={'concurrency': 3})",
    "method": "class Mailer:\n    async def process(self, job, token): ...\n    def start(self):\n        self.worker = Worker('mails', self.process, {'concurrency': 3})",
    "partial": "from functools import partial\nasync def process(db, job, token): ...\nworker = Worker('mails', partial(process, db), {'concurrency': 3})",
    "imported": "from tasks import process\nworker = Worker('mails', process, {'concurrency': 3})",
    "inner function": "def make(db):\n    async def process(job, token): ...\n    return Worker('mails', process, dict(concurrency=3))",
}


@pytest.mark.parametrize("form", WORKERS)
def test_workers(scan_tree, form: str) -> None:
    inventory = scan_tree({"use.py": HEAD + WORKERS[form], "tasks.py": "async def process(job, token): ...\n"})
    (worker,), (job,) = inventory.of(Worker), inventory.of(Job)
    assert (worker.name, worker.queues, worker.concurrency) == ("mails", ("mails",), Literal(3))
    assert (job.name, job.live, job.location.line) == ("mails", True, worker.location.line)
    assert job.handler is not None
    assert (job.handler.name, job.handler.is_async) == ("process", True)
    assert inventory.unresolved == ()


def test_a_processor_that_could_not_be_found_is_reported(scan_tree) -> None:
    inventory = scan_tree({"use.py": HEAD + "Worker('mails', load('processor'))\n"})
    assert ([j.handler for j in inventory.of(Job)], [u.line for u in inventory.unresolved]) == ([None], [3])


@pytest.mark.parametrize(
    "body",
    [
        "    if job.name == 'a':\n        pass\n    elif job.name == 'b':\n        pass",
        "    match job.name:\n        case 'a' | 'b':\n            pass",
        "    await {'a': one, 'b': two}[job.name](job)",
    ],
)
def test_the_jobs_that_a_processor_tells_apart(scan_tree, body: str) -> None:
    (job,) = scan_tree({"use.py": HEAD + f"async def process(job, token):\n{body}\nWorker('mails', process)\n"}).of(Job)
    assert [(u.feature, u.detail) for u in job.uses] == [("job.name", "a"), ("job.name", "b")]


def test_workers_made_in_a_loop(scan_tree) -> None:
    inventory = scan_tree({"use.py": HEAD + "async def process(job, token): ...\nfor name in ('a', 'b'):\n    Worker(name, process)\n"})
    assert [w.queues for w in inventory.of(Worker)] == [("a",), ("b",)]


def test_clients_and_settings(scan_tree) -> None:
    inventory = scan_tree(
        {"use.py": HEAD + "flow = FlowProducer({})\nawait mails.setGlobalConcurrency(4)\n", "requirements.txt": "bullmq==2.1\n"}
    )
    assert [(c.name, c.role, c.symbol) for c in inventory.of(Client)] == [("mails", "queue", "mails"), ("flow", "flow", "flow")]
    assert [(s.name, s.options) for s in inventory.of(Setting)] == [("mails", {"globalConcurrency": Literal(4)})]
