# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which a Procrastinate task is made, deferred and deferred by the clock, and the look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Expression, Job, Schedule, Setting, Value, Worker, literal_of

APP = "from procrastinate import App, PsycopgConnector\napp = App(connector=PsycopgConnector())\n"
TASKS = "from app import app\n@app.task(queue='mail')\ndef send(to, subject=''): ...\n"


def plain(value: Value | None) -> object:
    return value.source if isinstance(value, Expression) else literal_of(value)


DEFINITIONS = {
    "bare": ("from app import app\n@app.task\ndef f(): ...", "use.f", 2),
    "called": ("from app import app\n@app.task()\nasync def f(): ...", "use.f", 2),
    "named": ("from app import app\n@app.task(name='x')\ndef f(): ...", "x", 2),
    "module": ("import app\n@app.app.task\ndef f(): ...", "use.f", 2),
    "Django": ("from procrastinate.contrib.django import app\n@app.task\ndef f(): ...", "use.f", 2),
    "blueprint": ("from procrastinate import Blueprint\nbp = Blueprint()\n@bp.task\ndef f(): ...", "use.f", 3),
    "connector given later": ("import procrastinate\napp = procrastinate.App(connector=a).with_connector(b)\n@app.task\ndef f(): ...", "use.f", 3),
    "under a clock": ("from app import app\n@app.periodic(cron='* * * * *')\n@app.task(name='x')\ndef f(timestamp): ...", "x", 3),
    "called twice": ("from app import app\ndef f(): ...\njob = app.task(name='x')(f)", "x", 3),
    "called with the function": ("from app import app\ndef f(): ...\njob = app.task(f)", "use.f", 3),
    "in-house decorator": ("from app import app\ndef job(f):\n    return app.task(queue='x')(f)\n@job\ndef f(): ...", "use.f", 4),
    "in-house decorator with a clock": ("from app import app\ndef nightly(cron):\n    def deco(f):\n        return app.periodic(cron=cron)(app.task(f))\n    return deco\n@nightly('0 1 * * *')\ndef f(timestamp): ...", "use.f", 6),
    "in-house wrapper, with or without options": ("from app import app\ndef persistent(original=None, **options):\n    def wrap(func):\n        def inner(context, *args): return func(*args)\n        options['pass_context'] = True\n        return app.task(**options)(inner)\n    if not original:\n        return wrap\n    return wrap(original)\n@persistent(name='x')\ndef f(a): ...", "x", 10),
    "in-house wrapper without options": ("from app import app\ndef persistent(func):\n    def inner(*args): return func(*args)\n    return app.task(name='x')(inner)\n@persistent\ndef f(a): ...", "x", 5),
    "over others": ("from app import app\nfrom x import log\n@app.task\n@log\ndef f(): ...", "use.f", 3),
    "typed": ("from procrastinate import App\ndef setup(app: App):\n    @app.task\n    def f(): ...", "use.f", 3),
}  # fmt: skip


@pytest.mark.parametrize(("code", "name", "line"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_definitions(scan_tree, code: str, name: str, line: int) -> None:
    (job,) = scan_tree({"app.py": APP, "use.py": code}).of(Job, "procrastinate")
    assert (job.name, job.symbol, job.location.line) == (name, "f", line)


NO_DEFINITIONS = {
    "another app": "from flask import Flask\napp = Flask('x')\n@app.task\ndef f(): ...  # procrastinate",
    "own class": "class App:\n    def task(self, f): return f\napp = App()\n@app.task\ndef f(): ...  # procrastinate",
    "a clock without a task": "from app import app\napp.periodic(cron='x')",
}


@pytest.mark.parametrize("code", NO_DEFINITIONS.values(), ids=NO_DEFINITIONS)
def test_no_definition(scan_tree, code: str) -> None:
    assert list(scan_tree({"app.py": APP, "use.py": code}).of(Job, "procrastinate")) == []


ENQUEUES = {
    "defer": ("send.defer(to='a')", {}, [("to", "a")]),
    "defer_async": ("await send.defer_async(to='a')", {}, [("to", "a")]),
    "batch": ("send.batch_defer({'to': 'a'}, {'to': 'b'})", {}, [("", {"to": "a"}), ("", {"to": "b"})]),
    "batch_async": ("await send.batch_defer_async(*rows)", {}, [("", "rows")]),
    "configure": ("send.configure(queue='q', priority=3, lock='l', queueing_lock='d').defer(to='a')", {"queue": "q", "priority": 3, "dedupe": "d"}, [("to", "a")]),
    "delay": ("send.configure(schedule_in={'minutes': 5}).defer(to='a')", {"delay": 300}, [("to", "a")]),
    "delay of parts": ("send.configure(schedule_in={'hours': 1, 'seconds': 5}).defer(to='a')", {"delay": 3605}, [("to", "a")]),
    "delay at run time": ("send.configure(schedule_in={'seconds': n}).defer(to='a')", {"delay": "n"}, [("to", "a")]),
    "moment": ("send.configure(schedule_at=when).defer(to='a')", {"eta": "when"}, [("to", "a")]),
    "arguments given before": ("send.configure(task_kwargs={'to': 'a'}).defer(subject='b')", {}, [("to", "a"), ("subject", "b")]),
    "stored": ("later = send.configure(queue='q')\nlater.defer(to='a')", {"queue": "q"}, [("to", "a")]),
    "by name": ("app.configure_task('tasks.send', queue='q').defer(to='a')", {"queue": "q"}, [("to", "a")]),
    "by name, keyword": ("app.configure_task(name='tasks.send').defer(to='a')", {}, [("to", "a")]),
    "by name, split": ("job = app.configure_task(\n    'tasks.send',\n    allow_unknown=False,\n)\njob.defer(to='a')", {}, [("to", "a")]),
    "by name of a task": ("app.configure_task(send.name).defer(to='a')", {}, [("to", "a")]),
    "registry": ("app.tasks['tasks.send'].defer(to='a')", {}, [("to", "a")]),
    "app opened": ("with app.open() as opened:\n    opened.configure_task('tasks.send').defer(to='a')", {}, [("to", "a")]),
    "app handed in": ("def go(app: App): app.configure_task('tasks.send').defer(to='a')", {}, [("to", "a")]),
    "something unknown": ("def go(request): request.app.state.jobs.configure_task('tasks.send').defer(to='a')", {}, [("to", "a")]),
    "framework": ("from fastapi import Request\ndef go(request: Request): request.app.state.jobs.configure_task('tasks.send').defer(to='a')", {}, [("to", "a")]),
    "wrapper": ("def put(name, **kw):\n    return app.configure_task(name).defer(**kw)\nput('tasks.send', to='a')", {}, [("**", "kw")]),
    "passed on": ("from functools import partial\non_commit(partial(send.defer, to='a'))", {}, [("to", "a")]),
    "passed on as it is": ("signal.connect(send.configure(queue='q').defer)", {"queue": "q"}, []),
    "task handed on": ("def put(task): task.defer(to='a')\nput(send)", {}, [("to", "a")]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "fields", "arguments"), ENQUEUES.values(), ids=ENQUEUES)
def test_enqueues(scan_tree, code: str, fields: dict, arguments: list) -> None:
    files = {
        "app.py": APP,
        "tasks.py": TASKS,
        "use.py": f"from tasks import send\nfrom app import app\nfrom procrastinate import App\n{code}",
    }
    (enqueue,) = [e for e in scan_tree(files).of(Enqueue, "procrastinate") if not e.wrapper]
    assert (enqueue.name, enqueue.job, enqueue.location.path) == ("tasks.send", "tasks:send", "use.py")
    assert {n: plain(v) for n in ("delay", "eta", "queue", "priority", "dedupe") if (v := getattr(enqueue, n)) is not None} == fields
    if "rows" not in code and "**kw" not in code:
        assert [(a.name, plain(a.value)) for a in enqueue.arguments] == arguments


def test_the_line_is_that_of_the_method(scan_tree) -> None:
    code = "from tasks import send\nsend.configure(\n    queue='q',\n).defer(\n    to='a',\n)\n"
    (enqueue,) = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": code}).of(Enqueue, "procrastinate")
    assert enqueue.location.line == 4


def test_a_clock_does_not_hide_the_task(scan_tree) -> None:
    code = "from app import app\n@app.periodic(cron='0 1 * * *')\n@app.task\ndef f(timestamp): ...\nf.defer(timestamp=1)\n"
    (enqueue,) = scan_tree({"app.py": APP, "use.py": code}).of(Enqueue, "procrastinate")
    assert (enqueue.name, enqueue.job) == ("use.f", "use:f")


NO_ENQUEUES = {
    "inline": "send(to='a')",
    "a query set": "Thing.objects.defer('x')",
    "Twisted": "from twisted.internet import defer\ndefer.succeed(1)",
    "Discord": "async def f(interaction): await interaction.response.defer(ephemeral=True)",
    "own class": "class Bar:\n    def defer_async(self): ...\nBar().defer_async()",
    "configured only": "send.configure(queue='q')",
    "patched": "send.defer = fake",
}


@pytest.mark.parametrize("code", NO_ENQUEUES.values(), ids=NO_ENQUEUES)
def test_no_enqueue(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": f"from tasks import send\n{code}"})
    assert list(inventory.of(Enqueue, "procrastinate")) == []
    assert [u for u in inventory.unresolved if u.system == "procrastinate"] == []


def test_no_enqueue_without_procrastinate(scan_tree) -> None:
    assert list(scan_tree({"use.py": "async def f(x):\n    await x.defer_async(a=1)\n"}).of(Enqueue, "procrastinate")) == []


SCHEDULES = {
    "above the task": ("@app.periodic(cron='0 1 * * *')\n@app.task\ndef f(timestamp): ...", [("use.f", "0 1 * * *", 2)]),
    "two": ("@app.periodic(cron='0 1 * * *', periodic_id='a')\n@app.periodic(cron='0 2 * * *', periodic_id='b', task_kwargs={'x': 1})\n@app.task\ndef f(timestamp, x=0): ...", [("use.f:a", "0 1 * * *", 2), ("use.f:b", "0 2 * * *", 3)]),
    "seconds": ("@app.periodic(cron='*/1 * * * * */5')\n@app.task(queue='q')\ndef f(timestamp): ...", [("use.f", "*/1 * * * * */5", 2)]),
    "constant": ("CRON = '0 1 * * *'\n@app.periodic(cron=CRON)\n@app.task\ndef f(timestamp): ...", [("use.f", "0 1 * * *", 3)]),
    "run time": ("@app.periodic(cron=settings.CRON)\n@app.task\ndef f(timestamp): ...", [("use.f", "settings.CRON", 2)]),
    "called": ("@app.task\ndef f(timestamp): ...\napp.periodic(cron='0 1 * * *')(f)", [("use.f", "0 1 * * *", 4)]),
    "in-house": ("def nightly(f):\n    return app.periodic(cron='0 1 * * *')(app.task(f))\n@nightly\ndef f(timestamp): ...", [("use.f", "0 1 * * *", 4)]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(scan_tree, code: str, expected: list) -> None:
    inventory = scan_tree({"app.py": APP, "use.py": f"from app import app\n{code}"})
    schedules = list(inventory.of(Schedule, "procrastinate"))
    assert [(s.name, plain(s.cron), s.location.line) for s in schedules] == expected
    assert {(s.job, s.job_name) for s in schedules} == {("use:f", "use.f")}
    assert len(list(inventory.of(Job, "procrastinate"))) == 1


RETRIES = {
    "absent": ("", (1, "none", False)),
    "false": ("retry=False", (1, "none", False)),
    "true": ("retry=True", (None, "none", True)),
    "number": ("retry=3", (4, "none", True)),
    "strategy": ("retry=RetryStrategy(max_attempts=5, wait=10)", (6, "fixed", True)),
    "without end": ("retry=RetryStrategy(wait=10)", (None, "fixed", True)),
    "exponential": ("retry=RetryStrategy(max_attempts=2, exponential_wait=3)", (3, "exponential", True)),
    "mixed": ("retry=RetryStrategy(max_attempts=2, wait=1, linear_wait=3)", (3, "custom", True)),
    "own": ("retry=Own()", (None, "custom", True)),
}


@pytest.mark.parametrize(("option", "expected"), RETRIES.values(), ids=RETRIES)
def test_retries(scan_tree, option: str, expected: tuple) -> None:
    code = f"from procrastinate import RetryStrategy\nfrom app import app\nfrom x import Own\n@app.task({option})\ndef f(): ...\n"
    (job,) = scan_tree({"app.py": APP, "use.py": code}).of(Job, "procrastinate")
    assert job.retry is not None
    assert (plain(job.retry.max_attempts), job.retry.backoff.kind, job.retry.automatic) == expected


def test_errors_that_are_retried(scan_tree) -> None:
    code = "from procrastinate import RetryStrategy\nfrom app import app\n@app.task(retry=RetryStrategy(max_attempts=1, retry_exceptions={ValueError, KeyError}), pass_context=True, priority=2)\ndef f(context): ...\n"
    (job,) = scan_tree({"app.py": APP, "use.py": code}).of(Job, "procrastinate")
    assert job.retry is not None
    assert (job.retry.on, plain(job.priority), [u.feature for u in job.uses]) == (("ValueError", "KeyError"), 2, ["context"])


def test_tasks_of_a_blueprint_are_named_by_the_app_that_takes_it_in(scan_tree) -> None:
    mail = "from procrastinate import Blueprint\nbp = Blueprint()\n@bp.periodic(cron='0 1 * * *')\n@bp.task\ndef send(timestamp): ...\n"
    app = "from procrastinate import App\nfrom mail import bp, send\napp = App(connector=c)\napp.add_tasks_from(bp, namespace='mail')\nsend.defer(timestamp=1)\napp.configure_task('mail:mail.send').defer(timestamp=2)\n"
    inventory = scan_tree({"app.py": app, "mail.py": mail})
    assert {i.name for kind in (Job, Enqueue, Schedule) for i in inventory.of(kind, "procrastinate")} == {"mail:mail.send"}
    assert {e.job for e in inventory.of(Enqueue, "procrastinate")} == {"mail:send"}


def test_clients_workers_and_settings(scan_tree) -> None:
    use = "from app import app\napp.run_worker(queues=['a', 'b'], concurrency=4, name='w')\n"
    settings = "INSTALLED_APPS = ['procrastinate.contrib.django']\nPROCRASTINATE_ON_APP_READY = 'x.y'\n"
    procfile = "a: procrastinate --app=app.app worker -q a,b -c 3\nb: python manage.py procrastinate worker --queues=a\nc: procrastinate --app=app.app schema --apply\n"
    inventory = scan_tree({"app.py": APP, "use.py": use, "settings.py": settings, "Procfile": procfile})
    assert [(c.name, c.location.line) for c in inventory.of(Client, "procrastinate")] == [("app", 2)]
    workers = [(w.location.path, w.location.line, w.queues, plain(w.concurrency)) for w in inventory.of(Worker, "procrastinate")]
    assert workers == [("Procfile", 1, ("a", "b"), 3), ("Procfile", 2, ("a",), None), ("use.py", 2, ("a", "b"), 4)]
    assert [s.name for s in inventory.of(Setting, "procrastinate")] == ["procrastinate.contrib.django", "PROCRASTINATE_ON_APP_READY"]


def test_apps_of_a_class_of_the_project(scan_tree) -> None:
    code = "import procrastinate\nclass App(procrastinate.App): ...\nclass Own(App): ...\napp = Own(connector=c)\n@app.task\ndef f(): ...\n"
    inventory = scan_tree({"use.py": code})
    assert [(c.name, c.location.line) for c in inventory.of(Client, "procrastinate")] == [("app", 4)]
    assert [j.name for j in inventory.of(Job, "procrastinate")] == ["use.f"]
