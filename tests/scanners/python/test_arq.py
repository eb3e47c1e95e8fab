# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which arq's functions are listed, scheduled, put on their way and worked off, and the look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Expression, Inventory, Item, Job, Literal, Schedule, Value, Worker, literal_of

TASKS = """
from arq import Retry
async def send(ctx, to, subject=""):
    raise Retry(defer=ctx["job_try"] * 5)
async def tidy(ctx):
    return await ctx["redis"].enqueue_job("send", "a")
class Mail:
    async def run(self, ctx): ...
"""


def names(inventory: Inventory, kind: type[Item]) -> list[tuple[str, str, int]]:
    return [(i.name, i.location.path, i.location.line) for i in inventory.of(kind, "arq") if not i.wrapper]


def plain(value: Value | None) -> object:
    return value.source if isinstance(value, Expression) else literal_of(value)


SEND = ("send", "tasks.py", 3)
TIDY = ("tidy", "tasks.py", 5)

LISTS = {
    "class": ("class WorkerSettings:\n    functions = [send, tidy]", [SEND, TIDY]),
    "annotated": ("class WorkerSettings:\n    functions: list = [send]", [SEND]),
    "tuple": ("class WorkerSettings:\n    functions = (send, tidy)", [SEND, TIDY]),
    "set": ("class WorkerSettings:\n    functions = {send}", [SEND]),
    "module": ("import tasks\nclass WorkerSettings:\n    functions = [tasks.send]", [SEND]),
    "own name, settings of arq": ("class Config:\n    functions = [send]\n    redis_settings = RedisSettings()", [SEND]),
    "list elsewhere": ("TASKS = [send]\nclass WorkerSettings:\n    functions = TASKS", [SEND]),
    "joined": ("A = [send]\nB = [tidy]\nclass WorkerSettings:\n    functions = A + B", [SEND, TIDY]),
    "unpacked": ("A = [send]\nclass WorkerSettings:\n    functions = [*A, tidy]", [SEND, TIDY]),
    "values": ("A = {'x': send}\nclass WorkerSettings:\n    functions = list(A.values())", [SEND]),
    "filled later": ("TASKS = []\nTASKS.append(send)\nTASKS += [tidy]\nclass WorkerSettings:\n    functions = TASKS", [SEND, TIDY]),
    "added to the class": ("class WorkerSettings:\n    functions = [send]\nWorkerSettings.functions.append(tidy)", [SEND, TIDY]),
    "set on the class": ("class WorkerSettings:\n    functions = []\nWorkerSettings.functions = [tidy]", [TIDY]),
    "by path": ("class WorkerSettings:\n    functions = ['tasks.send']", [("tasks.send", "tasks.py", 3)]),
    "method": ("from tasks import Mail\nclass WorkerSettings:\n    functions = [Mail().run]", [("Mail.run", "tasks.py", 8)]),
    "func": ("class WorkerSettings:\n    functions = [func(send, name='mail')]", [("mail", "tasks.py", 3)]),
    "func through a helper": ("def timed(f):\n    return func(f, timeout=5)\nclass WorkerSettings:\n    functions = [timed(send)]", [SEND]),
    "func in a comprehension": ("ALL = [send, tidy]\nclass WorkerSettings:\n    functions = [func(f, timeout=5) for f in ALL]", [SEND, TIDY]),
    "func in a comprehension of a module": ("ALL = [func(f, timeout=5) for f in [send, tidy]]\nclass WorkerSettings:\n    functions = ALL", [SEND, TIDY]),
    "func in a decorator": ("def task(name):\n    def inner(f):\n        WorkerSettings.functions.append(func(f, name=name))\n        return f\n    return inner\nclass WorkerSettings:\n    functions = []\n@task('x')\nasync def other(ctx): ...", [("x", "worker.py", 11)]),
    "func in a plain decorator": ("def task(f):\n    WorkerSettings.functions.append(func(f))\n    return f\nclass WorkerSettings:\n    functions = []\n@task\nasync def other(ctx): ...", [("other", "worker.py", 9)]),
    "worker": ("Worker(functions=[send], redis_settings=r)", [SEND]),
    "worker, positional": ("Worker([send])", [SEND]),
    "worker of a dictionary": ("settings = {'functions': [send]}\nWorker(**settings)", [SEND]),
    "run_worker with more": ("class WorkerSettings:\n    functions = []\nrun_worker(WorkerSettings, functions=[send])", [SEND]),
    "made by a function": ("def make(given):\n    class WorkerSettings:\n        redis_settings = RedisSettings()\n        functions = given\n    return WorkerSettings\nWorkerSettings = make([send])", [SEND]),
    "dictionary": ("worker_settings = {'functions': [send], 'redis_settings': RedisSettings()}", [SEND]),
    "class made by type": ("WorkerSettings = type('WorkerSettings', (), {'functions': [send]})", [SEND]),
    "cron only": ("class WorkerSettings:\n    cron_jobs = [cron(tidy, hour=3)]", [TIDY]),
    "cron by path": ("class WorkerSettings:\n    cron_jobs = [cron('tasks.tidy', hour=3)]", [TIDY]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), LISTS.values(), ids=LISTS)
def test_definitions(scan_tree, code: str, expected: list) -> None:
    head = "from arq import cron, func, Worker, run_worker\nfrom arq.connections import RedisSettings\nfrom tasks import send, tidy\n"
    inventory = scan_tree({"tasks.py": TASKS, "worker.py": head + code})
    assert names(inventory, Job) == sorted(expected, key=lambda row: row[1:])


REGISTRIES = {
    "list": ("TASKS = []\ndef task(f):\n    TASKS.append(f)\n    return f\n", "task", "TASKS"),
    "list, with options": ("TASKS = []\ndef task(**options):\n    def inner(f):\n        TASKS.append(f)\n        return f\n    return inner\n", "task(x=1)", "TASKS"),
    "dictionary": ("TASKS = {}\ndef task(f):\n    TASKS[f.__name__] = f\n    return f\n", "task", "list(TASKS.values())"),
    "unpacked": ("TASKS = []\ndef task(f):\n    TASKS.append(f)\n    return f\n", "task", "[*TASKS]"),
}  # fmt: skip


@pytest.mark.parametrize(("registry", "decorator", "functions"), REGISTRIES.values(), ids=REGISTRIES)
def test_functions_that_a_decorator_puts_into_a_registry(scan_tree, registry: str, decorator: str, functions: str) -> None:
    files = {
        "registry.py": registry,
        "jobs.py": f"from registry import task\n@{decorator}\nasync def send(ctx): ...\nasync def other(ctx): ...\n",
        "others.py": "KEPT = []\ndef keep(f):\n    KEPT.append(f)\n    return f\n@keep\nasync def kept(ctx): ...\n",
        "worker.py": f"from arq.connections import RedisSettings\nimport jobs\nimport others\nfrom registry import TASKS\nclass WorkerSettings:\n    functions = {functions}\n    redis_settings = RedisSettings()\n",
    }
    assert names(scan_tree(files), Job) == [("send", "jobs.py", 2)]


def test_facts_of_a_definition(scan_tree) -> None:
    worker = "from arq import func\nfrom datetime import timedelta\nfrom tasks import send, tidy\nclass WorkerSettings:\n    functions = [func(send, timeout=timedelta(minutes=2), max_tries=3), tidy]\n    queue_name = 'mail'\n    max_jobs = 4\n    job_timeout = 60\n"
    inventory = scan_tree({"tasks.py": TASKS, "worker.py": worker})
    send, tidy = inventory.of(Job, "arq")
    assert (send.module, send.symbol, plain(send.queue), plain(send.timeout)) == ("tasks", "send", "mail", 120)
    assert send.retry is not None
    assert (plain(send.retry.max_attempts), send.retry.automatic, [u.feature for u in send.uses]) == (3, False, ["ctx.job_try"])
    assert send.handler is not None
    assert ([p.name for p in send.handler.parameters], send.handler.is_async) == (["ctx", "to", "subject"], True)
    assert tidy.retry is not None
    # Nothing but `Retry` makes arq run a job again.
    assert (plain(tidy.retry.max_attempts), plain(tidy.timeout)) == (1, 60)
    (settings,) = inventory.of(Worker, "arq")
    assert (settings.name, settings.location.line, settings.queues, plain(settings.concurrency)) == ("WorkerSettings", 4, ("mail",), 4)


NO_SETTINGS = {
    "SAQ": "settings = {'queue': q, 'functions': [send], 'cron_jobs': []}",
    "a class with functions": "class Calculator:\n    functions = [send]",
    "no functions": "class WorkerSettings:\n    redis_settings = 1",
    "a model": "class Plan(Model):\n    functions = Field(list)\n    max_jobs = 3",
}


@pytest.mark.parametrize("code", NO_SETTINGS.values(), ids=NO_SETTINGS)
def test_no_settings(scan_tree, code: str) -> None:
    plain_tasks = "async def send(ctx): ...\n"
    inventory = scan_tree({"tasks.py": plain_tasks, "use.py": "from tasks import send\nfrom saq import Queue\n# cron_jobs\n" + code})
    assert [i for i in inventory.items if i.system == "arq"] == []


CRONS = {
    "hour and minute": ("cron(tidy, hour={9, 17}, minute=0)", "0 9,17 * * *"),
    "every minute of an hour": ("cron(tidy, hour=3)", "* 3 * * *"),
    "every minute": ("cron(tidy)", "* * * * *"),
    "range": ("cron(tidy, minute=set(range(0, 60, 5)))", "*/5 * * * *"),
    "comprehension": ("cron(tidy, minute={m for m in range(0, 60, 20)})", "*/20 * * * *"),
    "weekday by name": ("cron(tidy, weekday='mon', hour=1, minute=2)", "2 1 * * 1"),
    "weekday by number": ("cron(tidy, weekday=6, hour=1, minute=2)", "2 1 * * 0"),
    "day and month": ("cron(tidy, day=1, month={1, 7}, hour=0, minute=0)", "0 0 1 1,7 *"),
    "seconds": ("cron(tidy, second={0, 30})", "0,30 * * * * *"),
    "every second": ("cron(tidy, second=None)", "* * * * * *"),
    "list": ("cron(tidy, minute=[0, 15, 30, 45])", "*/15 * * * *"),
    "none": ("cron(tidy, hour=None, minute=30)", "30 * * * *"),
    "constant": ("MINUTES = {0, 30}\ncron(tidy, minute=MINUTES)", "0,30 * * * *"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CRONS.values(), ids=CRONS)
def test_crons(scan_tree, code: str, expected: str) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "worker.py": f"from arq.cron import cron\nfrom tasks import tidy\n{code}"})
    (schedule,) = inventory.of(Schedule, "arq")
    assert (schedule.job, schedule.job_name, schedule.name, schedule.cron) == ("tasks:tidy", "tidy", "tidy", Literal(expected))
    assert schedule.location.path == "worker.py"


def test_cron_at_run_time(scan_tree) -> None:
    inventory = scan_tree(
        {"tasks.py": TASKS, "worker.py": "from arq import cron\nfrom tasks import tidy\ncron(tidy, hour=settings.hour, name='x')"}
    )
    (schedule,) = inventory.of(Schedule, "arq")
    assert (schedule.name, schedule.confidence, isinstance(schedule.cron, Expression)) == ("x", "likely", True)


ENQUEUES = {
    "pool": ("async def f():\n    pool = await create_pool()\n    await pool.enqueue_job('send', 'a', subject='b')", "send", {}),
    "typed": ("async def f(redis: ArqRedis):\n    await redis.enqueue_job('send')", "send", {}),
    "optional": ("class A:\n    pool: ArqRedis | None = None\n    async def f(self):\n        await self.pool.enqueue_job('send')", "send", {}),
    "annotated": ("async def f(redis: Annotated[ArqRedis, Depends(get)]):\n    await redis.enqueue_job('send')", "send", {}),
    "name of an annotation": ("Pool = Annotated[ArqRedis, Depends(get)]\nasync def f(redis: Pool):\n    await redis.enqueue_job('send')", "send", {}),
    "dependency": ("async def f(redis: ArqRedis = Depends(get)):\n    await redis.enqueue_job('send')", "send", {}),
    "context": ("async def f(ctx):\n    await ctx['redis'].enqueue_job('send')", "send", {}),
    "unknown": ("async def f(request):\n    await request.app.state.pool.enqueue_job('send')", "send", {}),
    "framework": ("from fastapi import Request\nasync def f(request: Request):\n    await request.app.state.pool.enqueue_job('send')", "send", {}),
    "global of a framework": ("from quart import current_app\nasync def f():\n    await current_app.pool.enqueue_job('send')  # request.app", "send", {}),
    "cast": ("from typing import cast\nasync def f(pool):\n    await cast(ArqRedis, pool).enqueue_job('send')", "send", {}),
    "cast to anything": ("from typing import Any, cast\nasync def f(redis: ArqRedis):\n    await cast(Any, redis).enqueue_job('send')", "send", {}),
    "constant": ("NAME = 'send'\nasync def f(redis: ArqRedis):\n    await redis.enqueue_job(NAME)", "send", {}),
    "function's name": ("from tasks import send\nasync def f(redis: ArqRedis):\n    await redis.enqueue_job(send.__name__)", "send", {}),
    "keyword": ("async def f(redis: ArqRedis):\n    await redis.enqueue_job(function='send')", "send", {}),
    "delay": ("async def f(redis: ArqRedis):\n    await redis.enqueue_job('send', _defer_by=timedelta(minutes=5), _expires=60, _job_id='1', _queue_name='q')", "send", {"delay": 300, "expires": 60, "dedupe": "1", "queue": "q"}),
    "moment": ("async def f(redis: ArqRedis):\n    await redis.enqueue_job('send', _defer_until=when)", "send", {"eta": "when"}),
    "wrapper": ("async def put(redis: ArqRedis, name, *args):\n    return await redis.enqueue_job(name, *args)\nasync def f(r):\n    await put(r, 'send', 1)", "send", {}),
    "wrapper class": ("class Jobs:\n    def __init__(self, pool: ArqRedis): self.pool = pool\n    async def put(self, name): await self.pool.enqueue_job(name)\nasync def f(jobs: Jobs):\n    await jobs.put('send')", "send", {}),
    "unknown name": ("async def f(redis: ArqRedis):\n    await redis.enqueue_job(f'send_{redis.x}')", "", {}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "fields"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, name: str, fields: dict) -> None:
    head = "from arq import create_pool\nfrom arq.connections import ArqRedis\nfrom datetime import timedelta\nfrom typing import Annotated\nfrom fastapi import Depends\n"
    worker = "from tasks import send\nclass WorkerSettings:\n    functions = [send]\n"
    inventory = scan_tree({"tasks.py": "async def send(ctx): ...\n", "worker.py": worker, "use.py": head + code})
    (enqueue,) = [e for e in inventory.of(Enqueue, "arq") if not e.wrapper]
    assert (enqueue.name, enqueue.job) == (name, "tasks:send" if name else "")
    assert enqueue.confidence == ("likely" if "request.app" in code or not name else "certain")
    found = {n: plain(v) for n in ("delay", "eta", "queue", "expires", "dedupe") if (v := getattr(enqueue, n)) is not None}
    assert found == fields


def test_an_enqueue_in_the_body_of_a_job(scan_tree) -> None:
    worker = "from tasks import send, tidy\nclass WorkerSettings:\n    functions = [send, tidy]\n"
    (enqueue,) = scan_tree({"tasks.py": TASKS, "worker.py": worker}).of(Enqueue, "arq")
    assert (enqueue.job, enqueue.inside) == ("tasks:send", "tasks:tidy")


NO_ENQUEUES = {
    "own method": "class Queue:\n    def enqueue_job(self, name): ...\nQueue().enqueue_job('send')",
    "no arq in the project": "def f(client):\n    client.enqueue_job('send')",
    "a function of another package": "from shop import enqueue_job\nenqueue_job('send')\nfrom arq import create_pool\npool = create_pool()",
    "RQ": "from rq import Queue\nQueue('x').enqueue_job(job)",
}


@pytest.mark.parametrize("code", NO_ENQUEUES.values(), ids=NO_ENQUEUES)
def test_no_enqueue(scan_tree, code: str) -> None:
    assert list(scan_tree({"use.py": code}).of(Enqueue, "arq")) == []


def test_clients_and_workers(scan_tree) -> None:
    code = "from arq import create_pool, run_worker\nfrom arq.connections import ArqRedis, RedisSettings\nasync def open():\n    pool = await create_pool(RedisSettings())\n    return pool\nclass A:\n    def __init__(self):\n        self.redis = ArqRedis.from_url('redis://x')\nclass WorkerSettings:\n    functions = []\nrun_worker(WorkerSettings)\n"
    inventory = scan_tree({"app.py": code, "Procfile": "worker: arq app.WorkerSettings --burst\n"})
    assert [(c.name, c.location.line) for c in inventory.of(Client, "arq")] == [("pool", 4), ("redis", 8)]
    assert [(w.name, w.location.path, w.location.line) for w in inventory.of(Worker, "arq")] == [
        ("arq", "Procfile", 1),
        ("WorkerSettings", "app.py", 9),
    ]


def test_what_cannot_be_told_is_reported(scan_tree) -> None:
    code = "from arq.connections import RedisSettings\nfrom plugins import load\nclass WorkerSettings:\n    functions = load()\n    redis_settings = RedisSettings()\n"
    inventory = scan_tree({"worker.py": code})
    assert [(u.line, u.system) for u in inventory.unresolved] == [(4, "arq")]


PORT = "from typing import Annotated, Protocol\nfrom fastapi import Depends\nclass Jobs(Protocol):\n    async def enqueue(self, name: str, *args): ...\n    async def status(self, id: str): ...\ndef give(request): return request.state.jobs\nJobsDep = Annotated[Jobs, Depends(give)]\n"
ADAPTER = "from arq.connections import ArqRedis\nclass ArqJobs:\n    def __init__(self, url):\n        self.pool: ArqRedis = ArqRedis.from_url(url)\n    async def enqueue(self, name, *args):\n        return await self.pool.enqueue_job(name, *args)\n    async def status(self, id): ...\n"
OTHER = "class Mails:\n    async def enqueue(self, name): ...\n"

PORTS = {
    "named by a dependency": ("from port import JobsDep\nasync def view(jobs: JobsDep):\n    await jobs.enqueue('send', 1)\n", ["send"]),
    "named": ("from port import Jobs\nasync def view(jobs: Jobs):\n    await jobs.enqueue('send', 1)\n", ["send"]),
    "another class": ("from other import Mails\nasync def view(mails: Mails):\n    await mails.enqueue('send')\n", []),
    "nothing known": ("async def view(jobs):\n    await jobs.enqueue('send')\n", []),
    "a protocol that the class does not have": ("from typing import Protocol\nclass More(Protocol):\n    async def enqueue(self, name): ...\n    async def cancel(self): ...\nasync def view(jobs: More):\n    await jobs.enqueue('send')\n", []),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), PORTS.values(), ids=PORTS)
def test_a_class_stands_behind_the_protocols_that_it_has(scan_tree, code: str, expected: list) -> None:
    files = {"port.py": PORT, "adapter.py": ADAPTER, "other.py": OTHER, "views.py": code}
    found = [e.name for e in scan_tree(files).of(Enqueue, "arq") if not e.wrapper and e.location.path == "views.py"]
    assert found == expected


DETECTED = {
    "worker.py": "from found import detect\n\nclass WorkerSettings:\n    functions = detect()\n    redis_settings = RedisSettings()\n",
    "use.py": "from arq import ArqRedis\n\nasync def f(pool: ArqRedis):\n    await pool.enqueue_job('send')\n    await pool.enqueue_job('twice')\n",
    "mail/jobs.py": "async def send(ctx, to): ...\n\nasync def twice(ctx): ...\n\nasync def idle(ctx): ...\n",
    "other.py": "async def send(to): ...\n\nasync def twice(ctx): ...\n\nclass A:\n    async def send(ctx): ...\n",
}


def test_functions_that_are_detected_at_run_time_are_told_by_their_names(scan_tree):
    files = {
        **DETECTED,
        "worker.py": f"from arq.connections import RedisSettings\n{DETECTED['worker.py']}",
        "found.py": "def detect():\n    return load()\n",
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.path, j.confidence) for j in inventory.of(Job)] == [("send", "mail/jobs.py", "likely")]
    assert [(e.name, e.job) for e in inventory.of(Enqueue)] == [("send", "mail.jobs:send"), ("twice", "")]
    listed = {**files, "worker.py": files["worker.py"].replace("functions = detect()", "functions = []")}
    assert inventory.unresolved
    assert not scan_tree(listed).of(Job)
