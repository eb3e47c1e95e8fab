# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which a Taskiq task is made, put on its way and scheduled, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Expression, Job, Literal, Schedule, Value, Worker, literal_of

BROKER = 'from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend\nbroker = ListQueueBroker("redis://x").with_result_backend(RedisAsyncResultBackend("redis://x"))\n'
TASKS = "from broker import broker\n@broker.task\nasync def send(a, b=1): ...\n"


def plain(value: Value | None) -> object:
    return value.source if isinstance(value, Expression) else literal_of(value)


DEFINITIONS = {
    "bare": ("from broker import broker\n@broker.task\nasync def f(): ...", "use:f", 2),
    "called": ("from broker import broker\n@broker.task()\nasync def f(): ...", "use:f", 2),
    "named": ("from broker import broker\n@broker.task('x.y')\ndef f(): ...", "x.y", 2),
    "named by keyword": ("from broker import broker\n@broker.task(task_name='x.y', delay=5)\ndef f(): ...", "x.y", 2),
    "no name": ("from broker import broker\n@broker.task(task_name=None)\ndef f(): ...", "use:f", 2),
    "over other decorators": ("from broker import broker\nfrom dishka.integrations.taskiq import inject\n@broker.task\n@inject(patch_module=True)\nasync def f(): ...", "use:f", 3),
    "module": ("import broker\n@broker.broker.task\nasync def f(): ...", "use:f", 2),
    "registered": ("from broker import broker\nasync def f(): ...\njob = broker.register_task(f, task_name='x')", "x", 3),
    "registered without a name": ("from broker import broker\nasync def f(): ...\nbroker.register_task(f)", "use:f", 3),
    "called twice": ("from broker import broker\nasync def f(): ...\nbroker.task('x')(f)", "x", 3),
    "shared broker": ("from taskiq import async_shared_broker\n@async_shared_broker.task\nasync def f(): ...", "use:f", 2),
    "typed": ("from taskiq import AsyncBroker\ndef setup(broker: AsyncBroker):\n    @broker.task\n    async def f(): ...", "use:f", 3),
    "own class": ("from taskiq_aio_pika import AioPikaBroker\nclass Mine(AioPikaBroker): ...\nbroker = Mine('x')\n@broker.task\nasync def f(): ...", "use:f", 4),
    "factory": ("from taskiq import InMemoryBroker\ndef make():\n    broker = InMemoryBroker()\n    return broker\nbroker = make()\n@broker.task\nasync def f(): ...", "use:f", 6),
    "one of two": ("from taskiq import InMemoryBroker\nfrom taskiq_nats import NatsBroker\nbroker = InMemoryBroker() if test else NatsBroker('x')\n@broker.task\nasync def f(): ...", "use:f", 4),
    "in-house decorator": ("from broker import broker\ndef job(f):\n    return broker.task(retry_on_error=True)(f)\n@job\nasync def f(): ...", "use:f", 4),
    "in-house wrapper": ("from broker import broker\ndef job(func):\n    async def inner(*args): return await func(*args)\n    return broker.task('x')(inner)\n@job\nasync def f(): ...", "x", 5),
    "agent": ("from unfazed_taskiq import agent\n@agent.broker.task\nasync def f(): ...", "use:f", 2),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "line"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_definitions(scan_tree, code: str, name: str, line: int) -> None:
    (job,) = scan_tree({"broker.py": BROKER, "use.py": code}).of(Job, "taskiq")
    assert (job.name, job.symbol, job.location.line) == (name, "f", line)


NO_DEFINITIONS = {
    "another broker": "from faststream.kafka import KafkaBroker\nbroker = KafkaBroker()\n@broker.task\ndef f(): ...",
    "invoke": "from invoke import task\n@task\ndef f(c): ...",
    "an event of the broker": "from broker import broker\n@broker.on_event('x')\nasync def f(state): ...",
    "own class": "class Broker:\n    def task(self, f): return f\nbroker = Broker()\n@broker.task\ndef f(): ...\n# taskiq",
}


@pytest.mark.parametrize("code", NO_DEFINITIONS.values(), ids=NO_DEFINITIONS)
def test_no_definition(scan_tree, code: str) -> None:
    assert list(scan_tree({"broker.py": BROKER, "use.py": code}).of(Job, "taskiq")) == []


ENQUEUES = {
    "kiq": ("await send.kiq(1, b=2)", {}),
    "without await": ("send.kiq(1)", {}),
    "kicker": ("await send.kicker().kiq(1)", {}),
    "labels": ("await send.kicker().with_labels(delay=5, priority=3, queue_name='q').with_task_id('i').kiq(1)", {"delay": 5, "priority": 3, "queue": "q"}),
    "over lines": ("await (\n    send.kicker()\n    .with_labels(delay=5)\n    .kiq(1)\n)", {"delay": 5}),
    "another broker": ("await send.kicker().with_broker(other).kiq(1)", {}),
    "by time": ("await send.schedule_by_time(source, when, 1)", {"eta": "when"}),
    "kicker by time": ("await send.kicker().with_labels(x=1).schedule_by_time(source, when, 1)", {"eta": "when"}),
    "by name": ("from taskiq.kicker import AsyncKicker\nawait AsyncKicker('tasks:send', broker, labels={'delay': 4}).kiq(1)", {"delay": 4}),
    "by name, keywords": ("from taskiq.kicker import AsyncKicker\nawait AsyncKicker(task_name=send.task_name, broker=broker, labels={}).kiq(1)", {}),
    "found by the broker": ("await broker.find_task('tasks:send').kiq(1)", {}),
    "handed on": ("async def go(task): await task.kiq(1)\ngo(send)", {}),
    "framework": ("from fastapi import Request\nasync def go(request: Request): await request.app.state.broker.find_task('tasks:send').kiq(1)", {}),
    "passed on": ("from functools import partial\nlater(partial(send.kiq, 1))", {}),
    "passed on as it is": ("later(callback=send.kiq)", {}),
    "table": ("ALL = {'x': send}\nawait ALL['x'].kiq(1)", {}),
    "pipeline": ("from taskiq_pipelines import Pipeline\nPipeline(broker, send)", {}),
    "step of a pipeline": ("from taskiq_pipelines import Pipeline\nPipeline(broker, other).call_next(send, x=1)", {}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "fields"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, fields: dict) -> None:
    inventory = scan_tree({"broker.py": BROKER, "tasks.py": TASKS, "use.py": f"from tasks import send\nfrom broker import broker\n{code}"})
    (enqueue,) = [e for e in inventory.of(Enqueue, "taskiq") if not e.wrapper]
    assert (enqueue.name, enqueue.job, enqueue.location.path) == ("tasks:send", "tasks:send", "use.py")
    assert {n: plain(v) for n in ("delay", "eta", "queue", "priority") if (v := getattr(enqueue, n)) is not None} == fields


def test_arguments_and_line(scan_tree) -> None:
    code = "from tasks import send\nasync def f(x):\n    for y in x:\n        await (\n            send.kicker()\n            .kiq(y, b=2)\n        )\n"
    (enqueue,) = scan_tree({"broker.py": BROKER, "tasks.py": TASKS, "use.py": code}).of(Enqueue, "taskiq")
    assert [(a.name, plain(a.value)) for a in enqueue.arguments] == [("", "y"), ("b", 2)]
    assert (enqueue.location.line, enqueue.in_loop, enqueue.in_async, enqueue.inside) == (6, True, True, "f")


def test_arguments_of_what_is_passed_on(scan_tree) -> None:
    code = "from functools import partial\nfrom tasks import send\nlater(partial(send.kiq, 1, b=2))\n"
    (enqueue,) = scan_tree({"broker.py": BROKER, "tasks.py": TASKS, "use.py": code}).of(Enqueue, "taskiq")
    assert ([(a.name, plain(a.value)) for a in enqueue.arguments], enqueue.confidence) == ([("", 1), ("b", 2)], "likely")


def test_a_task_that_cannot_be_told(scan_tree) -> None:
    files = {"broker.py": BROKER, "use.py": "async def f(registry, name):\n    await registry.tasks[name].kiq(1)\n"}
    (enqueue,) = scan_tree(files).of(Enqueue, "taskiq")
    assert (enqueue.name, enqueue.confidence) == ("", "likely")


NO_ENQUEUES = {
    "inline": "await send(1)",
    "own class": "class Bar:\n    def kiq(self): ...\nBar().kiq()",
    "a label": "send.kicker().with_labels(x=1)",
}


@pytest.mark.parametrize("code", NO_ENQUEUES.values(), ids=NO_ENQUEUES)
def test_no_enqueue(scan_tree, code: str) -> None:
    inventory = scan_tree({"broker.py": BROKER, "tasks.py": TASKS, "use.py": f"from tasks import send\n{code}"})
    assert list(inventory.of(Enqueue, "taskiq")) == []


def test_no_enqueue_without_taskiq(scan_tree) -> None:
    inventory = scan_tree({"use.py": "def f(bar):\n    bar.kiq()\n"})
    assert list(inventory.of(Enqueue, "taskiq")) == []


SCHEDULES = {
    "cron": ("[{'cron': '0 1 * * *', 'args': [1]}]", [("0 1 * * *", None, "")]),
    "zone": ("[{'cron': '0 1 * * *', 'cron_offset': 'Europe/Paris'}]", [("0 1 * * *", None, "Europe/Paris")]),
    "interval": ("[{'interval': 30}]", [(None, 30, "")]),
    "time span": ("[{'interval': timedelta(minutes=5)}]", [(None, 300, "")]),
    "two": ("[{'cron': '0 1 * * *'},\n {'cron': '0 2 * * *'}]", [("0 1 * * *", None, ""), ("0 2 * * *", None, "")]),
    "once": ("[{'time': datetime(2030, 1, 1)}]", [(None, None, "")]),
    "constant": ("EVERY", [("*/5 * * * *", None, "")]),
    "spec": ("[{'cron': CronSpec(minutes=0, hours='*/2')}]", [("0 */2 * * *", None, "")]),
    "run time": ("[{'cron': settings.cron}]", [("settings.cron", None, "")]),
}  # fmt: skip


@pytest.mark.parametrize(("label", "expected"), SCHEDULES.values(), ids=SCHEDULES)
def test_labels(scan_tree, label: str, expected: list) -> None:
    head = "from datetime import datetime, timedelta\nfrom taskiq.scheduler.scheduled_task import CronSpec\nfrom broker import broker\nEVERY = [{'cron': '*/5 * * * *'}]\n"
    inventory = scan_tree({"broker.py": BROKER, "use.py": f"{head}@broker.task(schedule={label})\nasync def f(): ..."})
    schedules = list(inventory.of(Schedule, "taskiq"))
    assert [(plain(s.cron), plain(s.interval), s.timezone) for s in schedules] == expected
    assert {(s.name, s.job, s.job_name) for s in schedules} == {("use:f", "use:f", "use:f")}
    assert schedules[0].location.line == 5


CALLS = {
    "cron": ("await send.schedule_by_cron(source, '0 3 * * *', 1)", ("0 3 * * *", None)),
    "keyword": ("await send.schedule_by_cron(source=source, cron='0 3 * * *', a=1)", ("0 3 * * *", None)),
    "interval": ("await send.schedule_by_interval(source, 60)", (None, 60)),
    "kicker": ("await send.kicker().schedule_by_cron(source, '0 3 * * *')", ("0 3 * * *", None)),
    "scheduled task": ("from taskiq import ScheduledTask\nScheduledTask(task_name='tasks:send', labels={}, args=[], kwargs={}, cron='0 3 * * *')", ("0 3 * * *", None)),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CALLS.values(), ids=CALLS)
def test_schedules_by_call(scan_tree, code: str, expected: tuple) -> None:
    inventory = scan_tree({"broker.py": BROKER, "tasks.py": TASKS, "use.py": f"from tasks import send\n{code}"})
    (schedule,) = inventory.of(Schedule, "taskiq")
    assert (plain(schedule.cron), plain(schedule.interval), schedule.job) == (*expected, "tasks:send")
    assert list(inventory.of(Enqueue, "taskiq")) == []


@pytest.mark.parametrize(("base", "count"), [("ScheduleSource", 0), ("Repository", 1)])
def test_a_source_reads_schedules_that_others_made(scan_tree, base: str, count: int) -> None:
    code = f"from taskiq import ScheduledTask, ScheduleSource\nclass Own({base}):\n    def read(self, row):\n        return ScheduledTask(task_name=row['t'], labels={{}}, args=[], kwargs={{}}, cron=row['c'])\n"
    assert len(scan_tree({"broker.py": BROKER, "use.py": code}).of(Schedule, "taskiq")) == count


def test_messages_of_another_broker(scan_tree) -> None:
    code = "from taskiq_faststream import BrokerWrapper\ntaskiq_broker = BrokerWrapper(broker)\ntaskiq_broker.task(message='hi', topic='in', schedule=[{'cron': '* * * * *'}])\n"
    (schedule,) = scan_tree({"use.py": code}).of(Schedule, "taskiq")
    assert (schedule.name, schedule.cron, schedule.location.line) == ("in", Literal("* * * * *"), 3)


@pytest.mark.parametrize(
    ("middleware", "labels", "expected"),
    [
        pytest.param("", "retry_on_error=True, max_retries=5", (1, False), id="nobody hears it"),
        pytest.param("SimpleRetryMiddleware()", "retry_on_error=True, max_retries=5", (5, True), id="label"),
        pytest.param("SimpleRetryMiddleware()", "retry_on_error=True", (3, True), id="default"),
        pytest.param("SimpleRetryMiddleware(default_retry_count=4)", "retry_on_error=True", (4, True), id="middleware's default"),
        pytest.param("SimpleRetryMiddleware(default_retry_label=True)", "x=1", (3, True), id="every task"),
        pytest.param("SimpleRetryMiddleware(default_retry_label=True)", "retry_on_error=False", (1, False), id="but this one"),
        pytest.param("SimpleRetryMiddleware()", "max_retries=5", (1, False), id="not asked for"),
    ],
)
def test_retries(scan_tree, middleware: str, labels: str, expected: tuple) -> None:
    code = f"from taskiq import InMemoryBroker, SimpleRetryMiddleware\nbroker = InMemoryBroker().with_middlewares({middleware})\n@broker.task({labels}, timeout=7, queue_name='q')\nasync def f(): ...\n"
    (job,) = scan_tree({"use.py": code}).of(Job, "taskiq")
    assert job.retry is not None
    assert (plain(job.retry.max_attempts), job.retry.automatic) == expected
    assert (plain(job.timeout), plain(job.queue)) == (7, "q")


def test_dependencies_of_a_task(scan_tree) -> None:
    code = "from taskiq import Context, TaskiqDepends\nfrom broker import broker\n@broker.task\nasync def f(x: int, context: Context = TaskiqDepends()): ...\n"
    (job,) = scan_tree({"broker.py": BROKER, "use.py": code}).of(Job, "taskiq")
    assert [(u.feature, u.detail) for u in job.uses] == [("depends", "TaskiqDepends()")]


def test_clients_and_workers(scan_tree) -> None:
    code = "from taskiq import TaskiqScheduler\nfrom taskiq.api import run_receiver_task\nfrom broker import broker\nscheduler = TaskiqScheduler(broker, sources=[])\nasync def main():\n    await run_receiver_task(broker)\n"
    procfile = (
        "worker: taskiq worker -fsd -tp 'app/**/tasks.py' --workers 2 app:broker\nclock: taskiq scheduler app:scheduler --skip-first-run\n"
    )
    inventory = scan_tree({"broker.py": BROKER, "use.py": code, "Procfile": procfile})
    assert [(c.name, c.role, c.location.path) for c in inventory.of(Client, "taskiq")] == [
        ("broker", "app", "broker.py"),
        ("scheduler", "scheduler", "use.py"),
    ]
    workers = [(w.location.path, w.location.line, w.role, plain(w.concurrency)) for w in inventory.of(Worker, "taskiq")]
    assert workers == [("Procfile", 1, "worker", 2), ("Procfile", 2, "scheduler", None), ("use.py", 6, "worker", 1)]


def test_brokers_of_a_class_of_the_project(scan_tree) -> None:
    code = "from taskiq_aio_pika import AioPikaBroker\nclass Mine(AioPikaBroker): ...\nbroker = Mine('x')\n"
    assert [(c.name, c.location.line) for c in scan_tree({"use.py": code}).of(Client, "taskiq")] == [("broker", 3)]
