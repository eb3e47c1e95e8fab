# ruff: noqa: E501 - code under test reads better on one line
"""Django's tasks, under both names: definitions, what puts them on their way, schedules, settings, and look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of

PACKAGES = ("django.tasks", "django_tasks")
TASKS = "from {package} import task\n@task\ndef send(a, b=1): ...\n@task(priority=5, queue_name='mail', takes_context=True)\nasync def digest(context): ...\ndef plain(): ...\n"
HEAD = (
    "from functools import partial\nfrom django.db import transaction\nfrom shop import tasks\nfrom shop.tasks import digest, plain, send\n"
)
SEND = "shop.tasks.send"


def tree(code: str, package: str = "django.tasks") -> dict[str, str]:
    return {"shop/__init__.py": "", "shop/tasks.py": TASKS.format(package=package), "use.py": HEAD + code}


def definitions(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(j.form, j.name, j.location.line) for j in inventory.of(Job, "django-tasks")]


def enqueues(inventory: Inventory) -> list[tuple[str, str]]:
    return [(e.form, e.name) for e in inventory.of(Enqueue, "django-tasks")]


DEFINITIONS = {
    "decorator": ("from {p} import task\n@task\ndef f(): ...", [("decorator", 2)]),
    "with options": ("from {p} import task\n@task(priority=1)\ndef f(): ...", [("decorator", 2)]),
    "without options": ("from {p} import task\n@task()\ndef f(): ...", [("decorator", 2)]),
    "alias": ("from {p} import task as background\n@background\ndef f(): ...", [("decorator", 2)]),
    "module under a name": ("import {p} as t\n@t.task\ndef f(): ...", [("decorator", 2)]),
    "module": ("import {p}\n@{p}.task\ndef f(): ...", [("decorator", 2)]),
    "above another": ("from {p} import task\nfrom other import locked\n@task\n@locked\ndef f(): ...", [("decorator", 3)]),
    "below another": ("from {p} import task\nfrom other import traced\n@traced\n@task\ndef f(): ...", [("decorator", 4)]),
    "called": ("from {p} import task\ndef f(): ...\ng = task(f)", [("call", 3)]),
    "called with options": ("from {p} import task\ndef f(): ...\ng = task(priority=1)(f)", [("call", 3)]),
    "decorator of the project": ("from {p} import task\ndef background(f):\n    return task(queue_name='b')(f)\n@background\ndef f(): ...", [("project-decorator", 4)]),
    "partial": ("from functools import partial\nfrom {p} import task\nurgent = partial(task, priority=9)\n@urgent\ndef f(): ...", [("project-decorator", 4)]),
    "under a condition": ("try:\n    from {p} import task\nexcept ImportError:\n    pass\nelse:\n    @task\n    def f(): ...", [("decorator", 6)]),
}  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("form", DEFINITIONS)
def test_definitions(scan_tree, form: str, package: str) -> None:
    code, expected = DEFINITIONS[form]
    assert definitions(scan_tree({"a.py": code.format(p=package)})) == [(form, "a.f", line) for form, line in expected]


def test_module_of_a_package(scan_tree) -> None:
    assert definitions(scan_tree({"a.py": "from django import tasks\n@tasks.task\ndef f(): ...\n"})) == [("decorator", "a.f", 2)]


@pytest.mark.parametrize(
    "code",
    [
        "from celery import task\n@task\ndef f(): ...",
        "from invoke import task\n@task\ndef f(): ...",
        "from django.tasks import TaskResult\n@TaskResult\ndef f(): ...",
        "from django.utils import tasks\n@tasks.task\ndef f(): ...",
        "from prefect import task\nimport django_tasks\n@task\ndef f(): ...\nf.enqueue",
    ],
)
def test_other_tasks(scan_tree, code: str) -> None:
    inventory = scan_tree({"a.py": code})
    assert (definitions(inventory), enqueues(inventory)) == ([], [])


def test_what_a_definition_says(scan_tree) -> None:
    send, digest = scan_tree(tree("")).of(Job, "django-tasks")
    assert (send.queue, send.priority, send.uses) == (Literal("default"), None, ())
    assert (digest.queue, digest.priority, [(u.feature, u.detail) for u in digest.uses]) == (
        Literal("mail"),
        Literal(5),
        [("context", "context")],
    )
    assert digest.handler is not None
    assert digest.handler.is_async
    assert send.retry is not None
    assert literal_of(send.retry.max_attempts) == 1


ENQUEUES = {
    "enqueue": ("send.enqueue(1)", [("enqueue", SEND)]),
    "of a module": ("tasks.send.enqueue(1)", [("enqueue", SEND)]),
    "awaited": ("async def f():\n    await send.aenqueue(1)", [("aenqueue", SEND)]),
    "using": ("send.using(priority=3).enqueue(1)", [("enqueue", SEND)]),
    "using twice": ("send.using(priority=3).using(queue_name='x').enqueue(1)", [("enqueue", SEND)]),
    "kept": ("later = send.using(run_after=when)\nlater.enqueue(1)", [("enqueue", SEND)]),
    "on commit": ("transaction.on_commit(lambda: send.enqueue(1))", [("enqueue", SEND)]),
    "partial on commit": ("transaction.on_commit(partial(send.enqueue, 1))", [("enqueue-reference", SEND)]),
    "passed on": ("call_later(send.enqueue)", [("enqueue-reference", SEND)]),
    "backend": ("from django.tasks import default_task_backend\ndefault_task_backend.enqueue(send, [1], {'b': 2})", [("backend.enqueue", SEND)]),
    "chosen backend": ("from django.tasks import task_backends\ntask_backends['x'].enqueue(task=send, args=(), kwargs={})", [("backend.enqueue", SEND)]),
    "handed in": ("def go(t):\n    t.enqueue(1)\ngo(send)\ngo(digest)", [("enqueue", SEND), ("enqueue", "shop.tasks.digest")]),
    "inside": ("def f():\n    from shop.tasks import send as s\n    s.enqueue()", [("enqueue", SEND)]),
}  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("form", ENQUEUES)
def test_enqueues(scan_tree, form: str, package: str) -> None:
    code, expected = ENQUEUES[form]
    inventory = scan_tree(tree(code, package))
    assert enqueues(inventory) == expected
    assert all(e.job == e.name.replace("tasks.", "tasks:") for e in inventory.of(Enqueue))


@pytest.mark.parametrize(
    "code", ["send.call(1)", "send.func(1)", "send.get_result(i)", "plain()", "plain.enqueue()", "send.name", "queue.enqueue(plain)"]
)
def test_what_enqueues_nothing(scan_tree, code: str) -> None:
    assert enqueues(scan_tree(tree(code))) == []


def test_what_an_enqueue_says(scan_tree) -> None:
    (enqueue,) = scan_tree(tree("send.using(priority=3, queue_name='q', run_after=when).using(priority=4).enqueue(1, b=2)")).of(Enqueue)
    assert (enqueue.priority, enqueue.queue) == (Literal(4), Literal("q"))
    assert enqueue.eta is not None
    assert [(a.name, literal_of(a.value)) for a in enqueue.arguments] == [("", 1), ("b", 2)]


def test_a_task_that_could_not_be_told_is_reported(scan_tree) -> None:
    inventory = scan_tree(
        tree(
            "from django.utils.module_loading import import_string\nimport_string(path).enqueue(1)\nclass Mine(Base):\n    def enqueue(self, t):\n        return super().enqueue(t)\n"
        )
    )
    assert [(u.line, u.system) for u in inventory.unresolved] == [(6, "django-tasks")]


CRON = "from crontask import cron\nfrom django.tasks import task\n"


@pytest.mark.parametrize(
    ("code", "cron", "confidence"),
    [
        ("@cron('0 0 * * *')\n@task\ndef f(): ...", "0 0 * * *", "certain"),
        ("EVERY = '*/5 * * * *'\n@cron(EVERY)\n@task(priority=1)\ndef f(): ...", "*/5 * * * *", "certain"),
        ("@cron('0 0 * * *')\ndef f(): ...", "0 0 * * *", "likely"),
        ("@cron(conf.EVERY)\n@task\ndef f(): ...", None, "certain"),
    ],
)
def test_schedules(scan_tree, code: str, cron: str | None, confidence: str) -> None:
    (schedule,) = scan_tree({"a.py": CRON + code}).of(Schedule)
    assert (schedule.name, schedule.job, literal_of(schedule.cron), schedule.confidence) == ("a.f", "a:f", cron, confidence)


def test_a_scheduled_task_is_a_definition_too(scan_tree) -> None:
    inventory = scan_tree({"a.py": CRON + "@cron('0 0 * * *')\n@task\ndef f(): ...\nf.enqueue()\n"})
    assert (definitions(inventory), enqueues(inventory)) == ([("decorator", "a.f", 4)], [("enqueue", "a.f")])
    assert [s.location.line for s in inventory.of(Schedule)] == [3]


def test_configuration(scan_tree) -> None:
    code = "INSTALLED_APPS = ['django_tasks', 'django_tasks_db', 'crontask', 'shop']\nTASKS = {'default': {'BACKEND': 'django_tasks_db.DatabaseBackend', 'QUEUES': ['default', 'mail']}}\n"
    inventory = scan_tree(
        {
            "settings.py": code,
            "Procfile": "worker: python manage.py db_worker --queue-name default,mail\nclock: python manage.py crontask\n",
        }
    )
    assert [(s.name, s.location.line) for s in inventory.of(Setting)] == [
        ("django_tasks", 1),
        ("django_tasks_db", 1),
        ("crontask", 1),
        ("TASKS", 2),
    ]
    assert [(c.name, c.role) for c in inventory.of(Client)] == [("TASKS", "backends")]
    assert [(w.name, w.role, w.queues) for w in inventory.of(Worker)] == [
        ("db_worker", "worker", ("default", "mail")),
        ("crontask", "scheduler", ()),
    ]


@pytest.mark.parametrize("code", ["TASKS = {'a': {'name': 'x'}}", "TASKS = {}", "TASKS = {'a': run}", "TASKS = ['BACKEND']"])
def test_other_things_are_called_tasks_too(scan_tree, code: str) -> None:
    assert scan_tree({"a.py": code}).of(Setting) == ()
