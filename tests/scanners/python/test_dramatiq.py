# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which Dramatiq is used, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from dramatiq.brokers.stub import StubBroker

from migrator.jobs import Client, Enqueue, Inventory, Item, Job, Literal, Reference, Schedule, Setting, Worker

APP = "import dramatiq\nfrom dramatiq.brokers.redis import RedisBroker\nbroker = RedisBroker(host='h')\ndramatiq.set_broker(broker)\n"
ACTORS = "import dramatiq\n@dramatiq.actor(queue_name='mail')\ndef send(to, n=1): ...\n@dramatiq.actor\ndef log(x): ...\nclass Pdf(dramatiq.GenericActor):\n    class Meta:\n        queue_name = 'pdf'\n    def perform(self, path): ...\n"
HEAD = "from datetime import timedelta\nimport dramatiq\nfrom app import broker\nfrom actors import send, log, Pdf\n"


def of(inventory: Inventory, kind: type[Item], path: str = "use.py") -> list:
    return [i for i in inventory.of(kind, "dramatiq") if i.location.path == path and not i.wrapper]


def shown(item: object, *names: str) -> dict[str, object]:
    values = {n: getattr(item, n) for n in names}
    return {n: v.value if isinstance(v, Literal) else v.source for n, v in values.items() if v is not None}


def given(item: Enqueue) -> list[tuple[str, object]]:
    return [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in item.arguments]


FIELDS = ("delay", "queue", "priority", "expires", "max_attempts")
MAIL = {"queue": "mail"}
ENQUEUES = {
    "send": ("send.send(1, n=2)", "send", "send", [("", 1), ("n", 2)], MAIL),
    "unpacked": ("send.send(*a, **k)", "send", "send", [("*", "a"), ("**", "k")], MAIL),
    "with options": (
        "send.send_with_options(args=(1,), kwargs={'n': 2}, delay=5000, max_retries=3, max_age=60_000)",
        *("send", "send_with_options", [("", 1), ("n", 2)], {"delay": 5, "queue": "mail", "expires": 60, "max_attempts": 4}),
    ),
    "delay as a span": ("send.send_with_options(args=[1], delay=timedelta(minutes=1))", "send", "send_with_options", [("", 1)], {"delay": 60, "queue": "mail"}),
    "arguments elsewhere": ("send.send_with_options(args=a, kwargs=k)", "send", "send_with_options", [("*", "a"), ("**", "k")], MAIL),
    "message": ("m = send.message(1)", "send", "message", [("", 1)], MAIL),
    "message with options": ("m = send.message_with_options(args=(1,), delay=1000)", "send", "message_with_options", [("", 1)], {"delay": 1, "queue": "mail"}),
    "broker": ("broker.enqueue(send.message(1), delay=2000)", "send", "enqueue", [("", 1)], {"delay": 2, "queue": "mail"}),
    "broker of the package": ("dramatiq.get_broker().enqueue(send.message(1))", "send", "enqueue", [("", 1)], MAIL),
    "message by hand": (
        "broker.enqueue(dramatiq.Message(queue_name='mail', actor_name='send', args=(1,), kwargs={}, options={'max_retries': 1}))",
        *("send", "enqueue", [("", 1)], {"queue": "mail", "max_attempts": 2}),
    ),
    "actor by name": ("broker.get_actor('send').send(1)", "send", "send", [("", 1)], {}),
    "actor of the broker": ("broker.actors['send'].send(1)", "send", "send", [("", 1)], {}),
    "class": ("Pdf.send('x')", "Pdf", "send", [("", "x")], {"queue": "pdf"}),
    "class, with options": ("import actors\nactors.Pdf.send_with_options(args=('x',))", "Pdf", "send_with_options", [("", "x")], {"queue": "pdf"}),
    "passed on": ("on_commit(send.send)", "send", "send-reference", [], MAIL),
    "partial": ("from functools import partial\non_commit(partial(send.send, 1))", "send", "send-reference", [("", 1)], MAIL),
    "partial in a wrapper": ("from functools import partial\ndef put(actor, *a):\n    on_commit(partial(actor.send, *a))\nput(send, 1)", "send", "send-reference", [("*", "a")], MAIL),
    "lambda": ("on_commit(lambda: send.send(1))", "send", "send", [("", 1)], MAIL),
    "imported in a function": ("def f():\n    from actors import send as s\n    s.send(1)", "send", "send", [("", 1)], MAIL),
    "wrapper": ("def put(actor: dramatiq.Actor, *a):\n    actor.send(*a)\nput(send, 1)", "send", "send", [("*", "a")], MAIL),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "form", "arguments", "fields"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, name: str, form: str, arguments: list, fields: dict) -> None:
    (enqueue,) = of(scan_tree({"app.py": APP, "actors.py": ACTORS, "use.py": HEAD + code}), Enqueue)
    assert (enqueue.name, enqueue.job, enqueue.form) == (name, f"actors:{name}", form)
    assert (given(enqueue), shown(enqueue, *FIELDS)) == (arguments, fields)


CHAINS = {
    "pipeline": ("dramatiq.pipeline([send.message(1), log.message()]).run(delay=10)", [("message", "log"), ("message", "send"), ("pipeline.run", "pipeline")]),
    "bars": ("(send.message(1) | log.message()).run()", [("message", "log"), ("message", "send"), ("pipeline.run", "pipeline")]),
    "group": ("from dramatiq import group\ng = group([send.message(i) for i in x])\ng.add_completion_callback(log.message())\ng.run()", [("group.run", "group"), ("message", "log"), ("message", "send")]),
    "group of pipelines": ("dramatiq.group([send.message(1) | log.message()]).run()", [("group.run", "group"), ("message", "log"), ("message", "send")]),
    "message made before": ("m = send.message(1)\nbroker.enqueue(m)", [("message", "send"), ("stored enqueue", "send")]),
    "one of several": ("ALL = [send, log]\nALL[pick()].send(1)", [("send", "log"), ("send", "send")]),
    "only known at run time": ("broker.enqueue(pick())", [("enqueue", "")]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CHAINS.values(), ids=CHAINS)
def test_chains(scan_tree, code: str, expected: list[tuple[str, str]]) -> None:
    found = of(scan_tree({"app.py": APP, "actors.py": ACTORS, "use.py": HEAD + code}), Enqueue)
    assert sorted((e.form, e.name) for e in found) == expected


JOBS = {
    "bare": ("@dramatiq.actor\ndef f(): ...", "f", "decorator", 2),
    "called": ("@dramatiq.actor()\ndef f(): ...", "f", "decorator", 2),
    "another name": ("@dramatiq.actor(actor_name='other')\ndef f(): ...", "other", "decorator", 2),
    "imported": ("from dramatiq import actor as a\n@a\nasync def f(): ...", "f", "decorator", 3),
    "from its module": ("from dramatiq.actor import actor\n@actor(max_retries=1)\ndef f(): ...", "f", "decorator", 3),
    "call": ("def f(): ...\ng = dramatiq.actor(f)", "f", "call", 3),
    "call, options": ("def f(): ...\ng = dramatiq.actor(f, actor_name='x')", "x", "call", 3),
    "class of the library": ("def f(): ...\ng = dramatiq.Actor(f, broker=b, actor_name='x', queue_name='q', priority=0, options={})", "x", "call", 3),
    "object": ("class F:\n    __name__ = 'obj'\n    def __call__(self): ...\nf = dramatiq.actor(F())", "obj", "call", 5),
    "class": ("class F(dramatiq.GenericActor):\n    def perform(self): ...", "F", "class", 2),
    "class with a name": ("class F(dramatiq.GenericActor):\n    class Meta:\n        actor_name = 'f'\n    def perform(self): ...", "f", "class", 2),
    "class of a base with a name": ("class Base(dramatiq.GenericActor):\n    class Meta:\n        abstract = True\n        actor_name = 'base'\nclass F(Base):\n    def perform(self): ...", "F", "class", 6),
    "class of a base": ("class Base(dramatiq.GenericActor):\n    class Meta:\n        abstract = True\n        max_retries = 1\nclass F(Base):\n    def perform(self): ...", "F", "class", 6),
    "extension for Flask": ("from flask_dramatiq import Dramatiq\nd = Dramatiq(app)\n@d.actor\ndef f(): ...", "f", "decorator", 4),
    "broker that decorates": ("from flask_melodramatiq import RedisBroker\nb = RedisBroker(app)\n@b.actor\ndef f(): ...", "f", "decorator", 4),
    "project decorator": (
        "import functools\ndef actor(n=3):\n    def deco(fn):\n        @functools.wraps(fn)\n        def inner(*a):\n            return fn(*a)\n        return dramatiq.actor(inner, max_retries=n)\n    return deco\n@actor()\ndef f(): ...",
        *("f", "project-decorator", 10),
    ),
    "project decorator on the side": (
        "import functools\ndef actor(name=None, **o):\n    def deco(fn):\n        @functools.wraps(fn)\n        async def inner(*a):\n            return await fn(*a)\n        dramatiq.actor(inner, actor_name=name, **o)\n        return inner\n    return deco\n@actor('given')\nasync def f(): ...",
        *("given", "project-decorator", 11),
    ),
    "partial": ("from functools import partial\nactor = partial(dramatiq.actor, queue_name='x')\n@actor()\ndef f(): ...", "f", "project-decorator", 4),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "form", "line"), JOBS.values(), ids=JOBS)
def test_jobs(scan_tree, code: str, name: str, form: str, line: int) -> None:
    (job,) = of(scan_tree({"use.py": f"import dramatiq\n{code}\n"}), Job)
    assert (job.name, job.form, job.location.line) == (name, form, line)
    assert job.acknowledgement == "late"


OPTIONS = {
    "nothing": ("", {"timeout": 600}, (21, 15, 604_800)),
    "retries": ("max_retries=3, min_backoff=1000, max_backoff=5000", {"timeout": 600}, (4, 1, 5)),
    "never again": ("max_retries=0", {"timeout": 600}, (1, 15, 604_800)),
    "without end": ("max_retries=None", {"timeout": 600}, (None, 15, 604_800)),
    "decided by a function": ("retry_when=again", {"timeout": 600}, (None, 15, 604_800)),
    "limits": ("time_limit=1500, max_age=3_600_000, priority=10", {"timeout": 1.5, "expires": 3600, "priority": -10}, (21, 15, 604_800)),
    "no limit": ("time_limit=float('inf')", {"timeout": None}, (21, 15, 604_800)),
}


@pytest.mark.parametrize(("options", "fields", "retry"), OPTIONS.values(), ids=OPTIONS)
def test_options(scan_tree, options: str, fields: dict, retry: tuple) -> None:
    (job,) = of(scan_tree({"use.py": f"import dramatiq\n@dramatiq.actor({options})\ndef f(): ...\n"}), Job)
    assert shown(job, "timeout", "expires", "priority") == fields
    backoff = job.retry.backoff
    assert (job.retry.max_attempts.value, backoff.delay.value, backoff.maximum.value) == retry
    assert (backoff.kind, backoff.jitter) == ("exponential", "up")


BROKERS = {
    "nothing": ("broker = RedisBroker()", (21, 15, 600)),
    "added": ("broker = RedisBroker()\nbroker.add_middleware(Retries(max_retries=3, min_backoff=2000))\nbroker.add_middleware(TimeLimit(time_limit=5000))", (4, 2, 5)),
    "listed": ("broker = RedisBroker(middleware=[Retries(max_retries=0), TimeLimit()])", (1, 15, 600)),
    "left out": ("broker = RedisBroker(middleware=[AgeLimit()])", (1, None, None)),
    "lists within": ("broker = RedisBroker(middleware=[AgeLimit(x=[1]), Retries(throws=[E], max_retries=2), TimeLimit()])", (3, 15, 600)),
    "one left out": ("broker = RedisBroker(middleware=[Retries()])", (21, 15, None)),
    "not to be told": ("broker = RedisBroker(middleware=[*common, AgeLimit()])\nother = RedisBroker(middleware=pick())", (21, 15, 600)),
    "settings": ("DRAMATIQ_BROKER = {'BROKER': 'x', 'MIDDLEWARE': ['dramatiq.middleware.TimeLimit']}", (1, None, 600)),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), BROKERS.values(), ids=BROKERS)
def test_what_the_broker_says(scan_tree, code: str, expected: tuple) -> None:
    head = "from dramatiq.brokers.redis import RedisBroker\nfrom dramatiq.middleware import AgeLimit, Retries, TimeLimit\n"
    jobs = "import dramatiq\n@dramatiq.actor\ndef f(): ...\n@dramatiq.actor(max_retries=7, time_limit=1000)\ndef g(): ...\n"
    plain, own = of(scan_tree({"broker.py": head + code, "use.py": jobs}), Job)
    delay = plain.retry.backoff.delay
    assert (plain.retry.max_attempts.value, delay.value if delay is not None else None, plain.timeout.value) == expected
    assert own.retry.max_attempts.value in (8, 1 if "left out" in code or expected[1] is None else 8)


SCHEDULES = {
    "periodiq": ("from periodiq import cron\n@dramatiq.actor(periodic=cron('0  3 * * *'))\ndef f(): ...", {"cron": "0 3 * * *"}, 3),
    "periodiq, kept": (
        "from periodiq import cron\nNIGHTLY = cron('0 3 * * *')\n@dramatiq.actor(periodic=NIGHTLY)\ndef f(): ...",
        {"cron": "0 3 * * *"},
        4,
    ),
    "dramatiq-crontab": (
        "from dramatiq_crontab import cron\n@cron('*/5 * * * *')\n@dramatiq.actor\ndef f(): ...",
        {"cron": "*/5 * * * *"},
        3,
    ),
    "dramatiq-crontab, interval": (
        "from dramatiq_crontab import interval\n@interval(seconds=30)\n@dramatiq.actor\ndef f(): ...",
        {"interval": 30},
        3,
    ),
}


@pytest.mark.parametrize(("code", "when", "line"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(scan_tree, code: str, when: dict, line: int) -> None:
    inventory = scan_tree({"use.py": f"import dramatiq\n{code}\n", "other.py": "from use import f\nf.send()\n"})
    (schedule,), (job,) = of(inventory, Schedule), of(inventory, Job)
    assert (schedule.name, schedule.job, schedule.location.line, job.name) == ("f", "use:f", line, "f")
    assert shown(schedule, "cron", "interval") == when
    assert [e.name for e in of(inventory, Enqueue, "other.py")] == ["f"]


CLIENTS = {
    "broker": ("from dramatiq.brokers.rabbitmq import RabbitmqBroker\nrabbit = RabbitmqBroker(url='x')", "rabbit"),
    "of another package": ("from dramatiq_sqs import SQSBroker\nb = SQSBroker()", "b"),
    "not kept": ("import dramatiq\nfrom dramatiq.brokers.redis import RedisBroker\ndramatiq.set_broker(RedisBroker())", "dramatiq"),
    "class of the project": ("from dramatiq.brokers.redis import RedisBroker\nclass Own(RedisBroker): ...\nown = Own()", "own"),
}


@pytest.mark.parametrize(("code", "name"), CLIENTS.values(), ids=CLIENTS)
def test_clients(scan_tree, code: str, name: str) -> None:
    assert [(c.name, c.role) for c in of(scan_tree({"use.py": code}), Client)] == [(name, "broker")]


def test_workers(scan_tree) -> None:
    code = "from dramatiq import Worker\nfrom dramatiq.cli import main\nw = Worker(broker, queues=['a'], worker_threads=4)\nw.start()\nmain(args)\n"
    first, second = of(scan_tree({"use.py": code}), Worker)
    assert (first.queues, first.concurrency, second.name) == (("a",), Literal(4), "dramatiq")


SETTINGS = {
    "broker": ("DRAMATIQ_BROKER = {'BROKER': 'x'}", ["DRAMATIQ_BROKER"]),
    "installed": ("INSTALLED_APPS = ['django_dramatiq', 'a']", ["django_dramatiq"]),
}


@pytest.mark.parametrize(("code", "names"), SETTINGS.values(), ids=SETTINGS)
def test_settings(scan_tree, code: str, names: list[str]) -> None:
    assert [s.name for s in of(scan_tree({"use.py": code}), Setting)] == names


NOTHING = {
    "runs on the spot": "from actors import send\nsend(1)\nsend.fn(1)",
    "a signal": "from django.dispatch import Signal\nsent = Signal()\nsent.send(sender=1)",
    "a mail": "from django.core.mail import EmailMessage\nEmailMessage('x').send()",
    "another actor": "import pykka\n@pykka.actor\ndef f(): ...",
    "another class of that name": "class GenericActor: ...\nclass F(GenericActor):\n    def perform(self): ...",
    "abstract class": "import dramatiq\nclass F(dramatiq.GenericActor):\n    class Meta:\n        abstract = True\n    def perform(self): ...",
    "results": "from actors import send\nsend.logger.info('x')\nsend.queue_name",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_nothing(scan_tree, code: str) -> None:
    inventory = scan_tree({"actors.py": ACTORS, "use.py": code})
    assert not [i for kind in (Enqueue, Job, Schedule, Worker, Client, Setting) for i in of(inventory, kind)]


def test_running_an_actor_is_a_reference(scan_tree) -> None:
    inventory = scan_tree({"actors.py": ACTORS, "use.py": "from actors import send\nsend(1)\n"})
    assert ("actors:send", "call") in {(r.target, r.form) for r in inventory.references if isinstance(r, Reference)}


def test_unknown_is_reported(scan_tree) -> None:
    inventory = scan_tree({"actors.py": ACTORS, "use.py": "pick().send_with_options(args=(1,))\n"})
    assert [(u.path, u.line, u.system) for u in inventory.unresolved] == [("use.py", 1, "dramatiq")]


REAL = """
import dramatiq

@dramatiq.actor
def plain(): ...

@dramatiq.actor(actor_name="renamed", queue_name="q", priority=3, max_retries=2, min_backoff=500)
def named(): ...

def handed(): ...
kept = dramatiq.actor(handed)

class Whole(dramatiq.GenericActor):
    class Meta:
        queue_name = "w"
    def perform(self): ...

class Called:
    __name__ = "called"
    def __call__(self): ...
called = dramatiq.actor(Called(), max_retries=0)
"""


def test_the_library_registers_what_is_found(scan_tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = scan_tree({"really_actors.py": REAL})
    monkeypatch.syspath_prepend(str(tmp_path))
    broker = StubBroker()
    monkeypatch.setattr("dramatiq.broker.global_broker", broker)
    try:
        import_module("really_actors")
        found = {
            j.name: (j.queue.value if j.queue else "default", -j.priority.value if j.priority else 0, j.retry.max_attempts.value)
            for j in of(inventory, Job, "really_actors.py")
        }
        assert found == {a.actor_name: (a.queue_name, a.priority, a.options.get("max_retries", 20) + 1) for a in broker.actors.values()}
    finally:
        sys.modules.pop("really_actors", None)


def test_an_actor_that_is_found_by_a_name_is_said(scan_tree) -> None:
    code = "from actors import log\nfrom django.utils.module_loading import import_string\ndef run(path, mail):\n    actor = import_string(path)\n    actor.send()\n    mail.send()\n    import_string(path)(mail).send()\n"
    inventory = scan_tree({"app.py": APP, "actors.py": ACTORS, "use.py": code})
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [
        ("use.py", 5, "what send is called on could not be told: looked up by a name at run time")
    ]


INHERITED = """
from dramatiq import GenericActor

class Base(GenericActor):
    class Meta:
        abstract = True
        queue_name = "slow"

    def perform(self, task_id):
        self.execute(task_id)

class Middle(Base):
    class Meta:
        abstract = True

class Export(Base):
    def execute(self, task_id): ...

class Import(Middle):
    def execute(self, task_id): ...

class Plain:
    def perform(self): ...

class Other(Plain):
    def execute(self, task_id): ...
"""


def test_a_class_that_is_run_by_what_it_derives_from(scan_tree) -> None:
    use = "from jobs.all import Export, Import\nExport.send(1)\nImport.send_with_options(args=(2,))\n"
    inventory = scan_tree({"app.py": APP, "jobs/__init__.py": "", "jobs/all.py": INHERITED, "use.py": use})
    jobs = [(j.name, j.location.line, j.form, j.confidence, j.handler.location.line if j.handler else 0) for j in inventory.of(Job)]
    assert jobs == [("Export", 16, "class", "certain", 9), ("Import", 19, "class", "certain", 9)]
    assert [(e.name, e.job) for e in inventory.of(Enqueue)] == [("Export", "jobs.all:Export"), ("Import", "jobs.all:Import")]


def test_a_class_that_nothing_runs_is_no_actor(scan_tree) -> None:
    code = "from dramatiq import GenericActor\nclass Base(GenericActor):\n    def execute(self): ...\nclass Export(Base):\n    def execute(self): ...\n"
    assert scan_tree({"app.py": APP, "jobs.py": code}).of(Job) == ()


def test_what_is_called_a_task_is_said(scan_tree) -> None:
    code = "from actors import log\nclass View:\n    task_class = None\n    mail = None\n    def post(self):\n        self.task_class.send(1)\n        self.mail.send(1)\n        self.taskbar.send(1)\n"
    inventory = scan_tree({"app.py": APP, "actors.py": ACTORS, "use.py": code})
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [("use.py", 6, "what send is called on could not be told")]
