# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which RQ, django-rq, Flask-RQ2 and rq-scheduler are used, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import rq.cron
import rq.decorators
from rq import Queue
from rq.job import Job as RealJob

from migrator.jobs import Client, Enqueue, Inventory, Item, Job, Literal, Schedule, Setting, Worker
from migrator.scanners.python import rq_options

TASKS = "def send(to, n=1): ...\nclass Mail:\n    @staticmethod\n    def later(): ...\n"
HEAD = "from datetime import timedelta\nfrom rq import Queue, Retry, Repeat\nfrom tasks import send, Mail\nq = Queue('low', connection=c)\n"


def of(inventory: Inventory, kind: type[Item], path: str = "use.py") -> list:
    return [i for i in inventory.of(kind, "rq") if i.location.path == path and not i.wrapper]


def shown(item: Item, *names: str) -> dict[str, object]:
    values = {n: getattr(item, n) for n in names}
    return {n: v.value if isinstance(v, Literal) else v.source for n, v in values.items() if v is not None}


def given(item: Enqueue | Schedule) -> list[tuple[str, object]]:
    return [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in item.arguments]


FIELDS = ("delay", "eta", "queue", "expires", "dedupe", "max_attempts")
SEND = "tasks.send"
ENQUEUES = {
    "function": ("q.enqueue(send, 1, n=2)", SEND, [("", 1), ("n", 2)], {"queue": "low"}),
    "by name": ("q.enqueue('tasks.send', 1)", SEND, [("", 1)], {"queue": "low"}),
    "static method": ("q.enqueue(Mail.later)", "tasks.Mail.later", [], {"queue": "low"}),
    "method": ("class M:\n    def go(self):\n        q.enqueue(self.run, 1)\n    def run(self, a): ...", "use.M.run", [("", 1)], {"queue": "low"}),
    "by keyword": ("q.enqueue(f=send, to=1)", SEND, [("to", 1)], {"queue": "low"}),
    "explicit": ("q.enqueue(send, args=(1,), kwargs={'n': 2}, job_timeout=5)", SEND, [("", 1), ("n", 2)], {"queue": "low"}),
    "unpacked": ("q.enqueue(send, *rest, **more)", SEND, [("*", "rest"), ("**", "more")], {"queue": "low"}),
    "options": (
        "q.enqueue(send, ttl='2h', job_id='x', unique=True, retry=Retry(max=3, interval=[1, 2]), at_front=True)",
        *(SEND, [], {"queue": "low", "expires": 7200, "dedupe": "x", "max_attempts": 4}),
    ),
    "an id is no lock": ("q.enqueue(send, job_id='x')", SEND, [], {"queue": "low"}),
    "timeout goes to the function": ("q.enqueue(send, timeout=5)", SEND, [("timeout", 5)], {"queue": "low"}),
    "enqueue_call": ("q.enqueue_call(send, (1,), {'n': 2}, timeout=9)", SEND, [("", 1), ("n", 2)], {"queue": "low"}),
    "enqueue_call by keyword": ("q.enqueue_call(func=send, args=(1,), ttl=5)", SEND, [("", 1)], {"queue": "low", "expires": 5}),
    "enqueue_at": ("q.enqueue_at(when, send, 1)", SEND, [("", 1)], {"queue": "low", "eta": "when"}),
    "enqueue_in": ("q.enqueue_in(timedelta(minutes=2), send, 1)", SEND, [("", 1)], {"queue": "low", "delay": 120}),
    "enqueue_in by keyword": ("q.enqueue_in(time_delta=timedelta(1), func=send)", SEND, [], {"queue": "low", "delay": 86_400}),
    "prepared": ("q.enqueue_many([Queue.prepare_data(send, (1,), timeout=4)])", SEND, [("", 1)], {}),
    "job made before": ("from rq.job import Job\nj = Job.create(send, (1,))\nq.enqueue_job(j)", SEND, [("", 1)], {"queue": "low"}),
    "job made by the queue": ("q.enqueue_job(q.create_job(send, kwargs={'to': 1}))", SEND, [("to", 1)], {"queue": "low"}),
    "job scheduled": ("q.schedule_job(q.create_job(send), when)", SEND, [], {"queue": "low", "eta": "when"}),
    "method kept in a name": (
        "from functools import partial\ndef start(job, *args, later=0):\n    put = q.enqueue\n    if later:\n        put = partial(q.enqueue_in, timedelta(seconds=later))\n    job = put(job, *args, job_timeout=5)\n    return job\nstart(send, 1)",
        *(SEND, [("*", "args")], {"queue": "low"}),
    ),
    "wrapper prepared by partial": ("from functools import partial\ndef put(f, *a):\n    q.enqueue(f, *a)\non_commit(partial(put, send, 1))", SEND, [("*", "a")], {"queue": "low"}),
    "partial in a wrapper": ("from functools import partial\ndef put(f, *a):\n    on_commit(partial(q.enqueue, f, *a))\nput(send, 1)", SEND, [("*", "a")], {"queue": "low"}),
    "prepared by partial": ("from functools import partial\non_commit(partial(q.enqueue, send, 1, n=2, ttl=5))", SEND, [("", 1), ("n", 2)], {"queue": "low", "expires": 5}),
    "partial": ("from functools import partial\nq.enqueue(partial(send, 1))", SEND, [], {"queue": "low"}),
    "default queue": ("Queue(connection=c).enqueue(send)", SEND, [], {"queue": "default"}),
    "queue by keyword": ("Queue(name='mail').enqueue(send)", SEND, [], {"queue": "mail"}),
    "queue of a module": ("import rq\nrq.Queue('m').enqueue(send)", SEND, [], {"queue": "m"}),
    "queue of a factory": ("def make(n):\n    return Queue(n)\nmake('high').enqueue(send)", SEND, [], {"queue": "high"}),
    "queue of a class": ("class S:\n    def __init__(self):\n        self.q = Queue('x')\n    def go(self):\n        self.q.enqueue(send)", SEND, [], {"queue": "x"}),
    "class that derives": ("class Own(Queue):\n    job_class = X\nOwn('o').enqueue(send)", SEND, [], {"queue": "o"}),
    "annotated parameter": ("def go(queue: Queue):\n    queue.enqueue(send)", SEND, [], {}),
    "wrapper": ("def put(f, *a):\n    q.enqueue(f, *a)\nput(send, 1)", SEND, [("*", "a")], {"queue": "low"}),
    "django-rq": ("import django_rq\ndjango_rq.enqueue(send, 1)", SEND, [("", 1)], {}),
    "django-rq's queue": ("import django_rq\ndjango_rq.get_queue('high').enqueue(send)", SEND, [], {"queue": "high"}),
    "django-rq's queues": ("from django_rq.queues import get_queue\nget_queue().enqueue(send)", SEND, [], {"queue": "default"}),
    "django-rq's scheduler": (
        "import django_rq\ns = django_rq.get_scheduler('x')\ns.enqueue_in(timedelta(hours=1), send, 1, queue_name='y')",
        *(SEND, [("", 1)], {"delay": 3600, "queue": "y"}),
    ),
    "rq-scheduler": ("from rq_scheduler import Scheduler\nScheduler(connection=c).enqueue_at(when, send, 1)", SEND, [("", 1)], {"eta": "when"}),
    "rq-scheduler, once": (
        "from rq_scheduler import Scheduler\nScheduler(connection=c).schedule(when, send, [1], interval=None)",
        *(SEND, [("", 1)], {"eta": "when"}),
    ),
    "Flask-RQ2's queue": ("from flask_rq2 import RQ\nrq = RQ()\nrq.get_queue('f').enqueue(send)", SEND, [], {"queue": "f"}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "arguments", "fields"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, name: str, arguments: list, fields: dict) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "use.py": HEAD + code})
    (enqueue,) = of(inventory, Enqueue)
    assert (enqueue.name, given(enqueue), shown(enqueue, *FIELDS)) == (name, arguments, fields)
    module, _, symbol = enqueue.name.partition(".")
    assert enqueue.job == f"{module}:{symbol}"
    (job,) = inventory.of(Job, "rq")
    assert (job.name, job.form, job.retry.max_attempts) == (name, "function", Literal(1))


DECORATED = {
    "delay": ("from rq.decorators import job\n@job('low', connection=c)\ndef f(a): ...\nf.delay(1)", "use.f", {"queue": "low"}),
    "enqueue": ("from rq.decorators import job\n@job('low', connection=c)\ndef f(a): ...\nf.enqueue(1, at_front=True)", "use.f", {"queue": "low"}),
    "queue object": ("from rq.decorators import job\n@job(queue=Queue('o'))\ndef f(a): ...\nf.delay(1)", "use.f", {"queue": "o"}),
    "django-rq": ("from django_rq import job\n@job\ndef f(a): ...\nf.delay(1)", "use.f", {}),
    "django-rq, queue": ("import django_rq\n@django_rq.job('high', timeout='1h')\ndef f(a): ...\nf.delay(1)", "use.f", {"queue": "high"}),
    "Flask-RQ2": ("from flask_rq2 import RQ\nrq = RQ(app)\n@rq.job\ndef f(a): ...\nf.queue(1, queue='x')", "use.f", {"queue": "x"}),
    "Flask-RQ2, options": ("from flask_rq2 import RQ\nrq = RQ(app)\n@rq.job('q', timeout=3)\ndef f(a): ...\nf.queue(1)", "use.f", {"queue": "q"}),
    "Flask-RQ2, later": (
        "from flask_rq2 import RQ\nrq = RQ(app)\n@rq.job('q')\ndef f(a): ...\nf.schedule(timedelta(seconds=5), 1)",
        *("use.f", {"queue": "q"}),
    ),
    "handed to a queue": ("from django_rq import job, get_queue\n@job('x')\ndef f(a): ...\nget_queue('y').enqueue(f, 1)", "use.f", {"queue": "y"}),
    "partial": ("from functools import partial\nfrom rq.decorators import job as rq_job\njob = partial(rq_job, connection=c)\n@job('p')\ndef f(a): ...\nf.delay(1)", "use.f", {"queue": "p"}),
    "project decorator": (
        "from rq.decorators import job\ndef task(name):\n    def inner(f):\n        return job(name, connection=c)(f)\n    return inner\n@task('t')\ndef f(a): ...\nf.delay(1)",
        *("use.f", {"queue": "t"}),
    ),
    "passed on": ("from django_rq import job\nfrom functools import partial\n@job('z')\ndef f(a): ...\non_commit(partial(f.delay, 1))", "use.f", {"queue": "z"}),
    "Flask-RQ": ("from flask_rq import RQ\nrq = RQ(app)\n@rq.job(queue='k')\ndef f(a): ...\nrq.queue.enqueue(f, 1)", "use.f", {}),
    "call": ("from rq.decorators import job\ndef g(a): ...\nf = job('k', connection=c)(g)\nf.delay(1)", "use.g", {"queue": "k"}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "fields"), DECORATED.values(), ids=DECORATED)
def test_decorated(scan_tree, code: str, name: str, fields: dict) -> None:
    inventory = scan_tree({"use.py": "from datetime import timedelta\nfrom rq import Queue\n" + code})
    (job,), (enqueue,) = of(inventory, Job), of(inventory, Enqueue)
    assert (job.name, job.form == "function") == (name, False)
    assert (enqueue.name, enqueue.job, given(enqueue)) == (name, name.replace(".", ":"), [("", 1)])
    assert shown(enqueue, "queue") == fields


JOBS = {
    "timeout as text": ("timeout='90m'", {"timeout": 5400}),
    "no timeout": ("timeout=-1", {"timeout": None}),
    "timeout in seconds": ("timeout=60, result_ttl=5", {"timeout": 60}),
    "waits at most": ("ttl=30", {"expires": 30, "timeout": 180}),
}


@pytest.mark.parametrize(("options", "fields"), JOBS.values(), ids=JOBS)
def test_job_options(scan_tree, options: str, fields: dict) -> None:
    inventory = scan_tree({"use.py": f"from rq.decorators import job\n\n@job('q', connection=c, {options})\ndef f(a, *, b=2): ...\n"})
    (job,) = of(inventory, Job)
    assert shown(job, "timeout", "expires") == fields
    assert (job.location.line, job.queue, job.form) == (3, Literal("q"), "decorator")
    assert [p.name for p in job.handler.parameters] == ["a", "b"]


TIMEOUTS = {
    "RQ's own": ("q.enqueue(send)", 180),
    "of the call": ("q.enqueue(send, job_timeout='2m')", 120),
    "of calls that agree": ("q.enqueue(send, job_timeout=60)\nq.enqueue_call(send, timeout='1m')", 60),
    "of calls that do not": ("q.enqueue(send, job_timeout=60)\nq.enqueue(send)", None),
    "no limit": ("q.enqueue(send, job_timeout=-1)", None),
    "of the queue": ("slow = Queue('slow', default_timeout=900)\nslow.enqueue(send)", 900),
    "of the settings": ("import django_rq\nRQ_QUEUES = {'slow': {'DEFAULT_TIMEOUT': 360}}\ndjango_rq.get_queue('slow').enqueue(send)", 360),
    "of settings that only the run knows": (
        "import os\nRQ_QUEUES = {'low': {'URL': os.environ['X'], 'DEFAULT_TIMEOUT': 360}}\nq.enqueue(send)",
        None,
    ),
    "of a schedule": ("from rq import cron\ncron.register(send, 'q', interval=30, job_timeout=7)", 7),
}


@pytest.mark.parametrize(("code", "seconds"), TIMEOUTS.values(), ids=TIMEOUTS)
def test_timeouts(scan_tree, code: str, seconds: int | None) -> None:
    (job,) = scan_tree({"tasks.py": TASKS, "use.py": HEAD + code}).of(Job, "rq")
    assert (job.timeout.value if job.timeout is not None else None) == seconds


def test_retry(scan_tree) -> None:
    code = "from rq import Retry\nfrom rq.decorators import job\n@job('q', retry=Retry(max=2, interval=[10, 60]))\ndef f(): ...\n"
    (job,) = of(scan_tree({"use.py": code}), Job)
    assert (job.retry.max_attempts, job.retry.backoff.kind, job.retry.backoff.table, job.retry.explicit) == (
        Literal(3),
        "table",
        (10.0, 60.0),
        True,
    )


SCHEDULER = "from rq_scheduler import Scheduler\nscheduler = Scheduler('q', connection=c)\n"
SCHEDULES = {
    "cron": (SCHEDULER + "scheduler.cron('0 * * * *', send, args=[1], queue_name='x')", {"cron": "0 * * * *"}, "UTC", [("", 1)]),
    "cron by keyword": (SCHEDULER + "scheduler.cron(cron_string='0  1 * * *', func=send, kwargs={'to': 1})", {"cron": "0 1 * * *"}, "UTC", [("to", 1)]),
    "cron in local time": (SCHEDULER + "scheduler.cron('0 1 * * *', send, use_local_timezone=True)", {"cron": "0 1 * * *"}, "", []),
    "interval": (SCHEDULER + "scheduler.schedule(scheduled_time=now, func=send, args=[1], interval=60, repeat=None)", {"interval": 60}, "UTC", [("", 1)]),
    "by name": (SCHEDULER + "scheduler.schedule(now, 'tasks.send', interval=60)", {"interval": 60}, "UTC", []),
    "django-rq": ("import django_rq\ndjango_rq.get_scheduler('default').cron('* * * * *', send)", {"cron": "* * * * *"}, "UTC", []),
    "native": ("from rq import cron\ncron.register(send, 'q', (1,), cron='0 9 * * *')", {"cron": "0 9 * * *"}, "", [("", 1)]),
    "native, interval": ("from rq.cron import register\nregister(send, queue_name='q', interval=30)", {"interval": 30}, "", []),
    "native, object": ("from rq.cron import CronScheduler\ns = CronScheduler(c)\ns.register(func=send, queue_name='q', interval=30)", {"interval": 30}, "", []),
    "in a loop": (SCHEDULER + "for f in (send,):\n    scheduler.cron('* * * * *', f)", {"cron": "* * * * *"}, "UTC", []),
    "table": (
        SCHEDULER + "JOBS = [{'func': send, 'interval': timedelta(hours=2), 'timeout': 5}]\nfor j in JOBS:\n    put(**j)\n"
        "def put(**kw):\n    scheduler.schedule(now, **kw)",
        *({"interval": 7200}, "", []),
    ),
    "table of calls": (
        SCHEDULER + "JOBS = [dict(func=send, cron_string='1 2 * * *')]\ndef put(kw):\n    scheduler.cron(**kw)",
        *({"cron": "1 2 * * *"}, "", []),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "when", "timezone", "arguments"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(scan_tree, code: str, when: dict, timezone: str, arguments: list) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "use.py": "from datetime import timedelta\nfrom tasks import send\n" + code})
    (schedule,) = of(inventory, Schedule)
    assert (schedule.name, schedule.job, schedule.timezone) == (SEND, "tasks:send", timezone)
    assert shown(schedule, "cron", "interval") == when
    assert given(schedule) == arguments
    assert [(j.name, j.location.line) for j in inventory.of(Job, "rq")] == [(SEND, 1)]
    assert not of(inventory, Enqueue)


def test_flask_schedules(scan_tree) -> None:
    code = """
        from datetime import timedelta
        from flask_rq2 import RQ
        rq = RQ()
        @rq.job
        def f(a): ...
        f.cron('0 0 * * 0', 'weekly', 1)
        f.schedule(timedelta(seconds=1), 2, interval=60)
        """
    cron, interval = of(scan_tree({"use.py": code}), Schedule)
    assert (cron.name, shown(cron, "cron"), given(cron)) == ("use.f", {"cron": "0 0 * * 0"}, [("", 1)])
    assert (interval.name, shown(interval, "interval"), given(interval)) == ("use.f", {"interval": 60}, [("", 2)])


WORKERS = {
    "queues by name": ("from rq import Worker\nw = Worker(['high', 'low'], connection=c)\nw.work()", "Worker", ("high", "low")),
    "queue objects": (
        "from rq import Queue, SimpleWorker\nSimpleWorker([Queue('x')], connection=c).work(burst=True)",
        "SimpleWorker",
        ("x",),
    ),
    "map": (
        "from rq import Worker, Queue, Connection\nlisten = ['a', 'b']\nwith Connection(c):\n    Worker(map(Queue, listen)).work()",
        "Worker",
        ("a", "b"),
    ),
    "list of a map": ("from rq import Worker, Queue\nlisten = ['a']\nWorker(list(map(Queue, listen))).work()", "Worker", ("a",)),
    "comprehension": ("from rq import Worker, Queue\nlisten = ['a']\nWorker([Queue(n) for n in listen]).work()", "Worker", ("a",)),
    "one queue": ("from rq import Worker\nWorker('only')", "Worker", ("only",)),
    "pool": ("from rq.worker_pool import WorkerPool\nWorkerPool(['p'], num_workers=4).start()", "WorkerPool", ("p",)),
    "class that derives": ("from rq import Worker\nclass Own(Worker):\n    pass\nOwn(['x'])", "Own", ("x",)),
    "django-rq": ("import django_rq\ndjango_rq.get_worker('a', 'b').work()", "get_worker", ("a", "b")),
    "only known at run time": ("from rq import Worker\nimport sys\nWorker(sys.argv[1:])", "Worker", ("sys.argv[1:]",)),
}


@pytest.mark.parametrize(("code", "name", "queues"), WORKERS.values(), ids=WORKERS)
def test_workers(scan_tree, code: str, name: str, queues: tuple[str, ...]) -> None:
    (worker,) = of(scan_tree({"use.py": code}), Worker)
    assert (worker.name, worker.queues) == (name, queues)


CLIENTS = {
    "queue": ("from rq import Queue\nq = Queue('x', connection=c)", ("x", "q", "queue")),
    "default queue": ("import rq\nq = rq.Queue(connection=c)", ("default", "q", "queue")),
    "on an application": ("import rq\napp.task_queue = rq.Queue('x')", ("x", "task_queue", "queue")),
    "class that derives": ("from rq import Queue\nclass Own(Queue): ...\nq = Own('x')", ("x", "q", "queue")),
    "scheduler": ("from rq_scheduler import Scheduler\ns = Scheduler(connection=c)", ("s", "s", "scheduler")),
    "extension": ("from flask_rq2 import RQ\nrq = RQ()", ("rq", "rq", "app")),
}


@pytest.mark.parametrize(("code", "expected"), CLIENTS.values(), ids=CLIENTS)
def test_clients(scan_tree, code: str, expected: tuple[str, str, str]) -> None:
    assert [(c.name, c.symbol, c.role) for c in of(scan_tree({"use.py": code}), Client)] == [expected]


def test_client_by_name(scan_tree) -> None:
    inventory = scan_tree(
        {
            "app.py": "import rq\ndef create(app):\n    app.task_queue = rq.Queue('x')\n",
            "tasks.py": TASKS,
            "use.py": "from flask import current_app\ndef go():\n    current_app.task_queue.enqueue('tasks.send', 1)\n",
        }
    )
    (enqueue,) = of(inventory, Enqueue)
    assert (enqueue.name, enqueue.job, enqueue.confidence) == (SEND, "tasks:send", "likely")


SETTINGS = {
    "queues": ("RQ_QUEUES = {'default': {'URL': 'x'}}", "RQ_QUEUES"),
    "classes": ("RQ = {'JOB_CLASS': 'x'}", "RQ"),
    "flask": ("app.config['RQ_REDIS_URL'] = url", "RQ_REDIS_URL"),
    "installed": ("INSTALLED_APPS = ['a', 'django_rq']", "django_rq"),
    "class": ("class Config:\n    RQ_DEFAULT_TIMEOUT = 5", "RQ_DEFAULT_TIMEOUT"),
}


@pytest.mark.parametrize(("code", "name"), SETTINGS.values(), ids=SETTINGS)
def test_settings(scan_tree, code: str, name: str) -> None:
    assert [s.name for s in of(scan_tree({"use.py": code}), Setting)] == [name]


NOTHING = {
    "called": "from django_rq import job\n@job\ndef f(): ...\nf()",
    "another queue": "from queue import Queue\nq = Queue()\nq.enqueue(f)",
    "a queue of its own": "class Queue:\n    def enqueue(self, f): ...\nQueue().enqueue(len)",
    "another scheduler": "import sched\ns = sched.scheduler()\ns.schedule(1, f, interval=3)",
    "table of nothing": "ROWS = [{'func': len, 'interval': 3}]\ndef f(): ...\nMORE = [{'func': f, 'interval': 3}]",
    "worker's class methods": "from rq import Worker\nWorker.all(connection=c)\nWorker.count()",
    "looking at queues": "from rq import Queue\nQueue.all(connection=c)\nfrom rq.job import Job\nJob.fetch('x')",
    "another job decorator": "from dagster import job\n@job\ndef f(): ...",
    "a constant": "RQ_TASK_STATUSES = ['a']\ndef f():\n    RQ_QUEUES = 1",
    "names that only begin so": "RQD = 1\nrq = 2\nXRQ_QUEUES = 3",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_nothing(scan_tree, code: str) -> None:
    inventory = scan_tree({"use.py": code})
    assert not [i for kind in (Enqueue, Schedule, Worker, Client, Setting) for i in of(inventory, kind)]
    assert [j.form for j in of(inventory, Job)] in ([], ["decorator"])


def test_unknown_is_reported(scan_tree) -> None:
    inventory = scan_tree({"use.py": "from rq import Queue\nq = Queue('x')\nq.enqueue(pick())\nthing.enqueue(f)\n"})
    (enqueue,) = of(inventory, Enqueue)
    assert (enqueue.name, enqueue.confidence) == ("", "likely")
    assert [(u.line, u.system) for u in inventory.unresolved] == [(4, "rq")]


def test_class_whose_method_enqueues_another(scan_tree) -> None:
    base = "import django_rq\nclass Runner:\n    @classmethod\n    def handle(cls, *a): ...\n    @classmethod\n    def put(cls, *a):\n        start(cls.handle, *a)\ndef start(f, *a):\n    django_rq.enqueue(f, *a)\n"
    code = "from base import Runner\nclass Sync(Runner): ...\nclass Import(Runner):\n    @classmethod\n    def put(cls, *a):\n        return super().put(*a)\nSync.put(1)\nImport.put(2)\n"
    found = of(scan_tree({"base.py": base, "use.py": code}), Enqueue)
    assert [(e.location.line, e.name, e.via) for e in found] == [(line, "base.Runner.handle", ("put", "start")) for line in (6, 7)]


def test_one_of_several(scan_tree) -> None:
    code = "from django_rq import job\n@job('a')\ndef f(x): ...\n@job('b')\ndef g(x): ...\nALL = {'f': f, 'g': g}\nALL[pick()].delay(1)\n"
    found = of(scan_tree({"use.py": code}), Enqueue)
    assert [(e.name, e.form, e.confidence, given(e)) for e in found] == [(f"use.{name}", "delay", "likely", [("", 1)]) for name in "fg"]


def test_job_in_which_an_enqueue_stands(scan_tree) -> None:
    code = "from rq import Queue\nq = Queue('x')\ndef a():\n    q.enqueue(b)\ndef b(): ...\nq.enqueue(a)\n"
    inside = {e.name: e.inside for e in of(scan_tree({"use.py": code}), Enqueue)}
    assert inside == {"use.b": "use:a", "use.a": ""}


def test_reserved_keywords_are_those_that_rq_takes_out() -> None:
    def job(**_: object) -> None: ...

    for name in rq_options.RESERVED - {"args", "kwargs"}:
        assert Queue.parse_args(job, **{name: "x"})[-2] == {}, name
    assert Queue.parse_args(job, timeout=1, queue="x")[-2] == {"timeout": 1, "queue": "x"}


PARAMETERS: dict[str, tuple[tuple[str, ...], Callable[..., object]]] = {
    "enqueue_call": (rq_options.ENQUEUE_CALL, Queue.enqueue_call),
    "prepare_data": (rq_options.PREPARE_DATA, Queue.prepare_data),
    "create": (rq_options.CREATE, RealJob.create),
    "create_job": (rq_options.CREATE_JOB, Queue.create_job),
    "register": (rq_options.REGISTER, rq.cron.register),
    "job": (rq_options.JOB, rq.decorators.job.__init__),
}


@pytest.mark.parametrize(("known", "function"), PARAMETERS.values(), ids=PARAMETERS)
def test_positions_are_those_of_rq(known: tuple[str, ...], function: Callable[..., object]) -> None:
    real = [name for name in inspect.signature(function).parameters if name != "self"]
    assert list(known) == real[: len(known)]


def test_method_on_an_object_of_a_framework(scan_tree) -> None:
    inventory = scan_tree(
        {
            "app.py": "import rq\ndef create(app):\n    app.task_queue = rq.Queue('x')\n",
            "models.py": "from flask import current_app\nclass User:\n    def launch_task(self, name, *args):\n        current_app.task_queue.enqueue(f'tasks.{name}', self.id, *args)\n",
            "tasks.py": TASKS,
            "use.py": "from flask_login import current_user\ndef go():\n    current_user.launch_task('send', 1)\n",
        }
    )
    (enqueue,) = of(inventory, Enqueue)
    assert (enqueue.name, enqueue.job, enqueue.confidence, enqueue.via) == (SEND, "tasks:send", "likely", ("launch_task",))
    assert [j.name for j in inventory.of(Job, "rq")] == [SEND]
