# ruff: noqa: E501 - code under test reads better on one line
"""Django Q: what is put on its queue, what is scheduled, which functions are jobs because of it, and look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Expression, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of

TASKS = "def send(a, b=1): ...\nasync def digest(): ...\nclass Mail:\n    @staticmethod\n    def post(): ...\n    def later(self): ...\ndef unused(): ...\n"
HEAD = "from functools import partial\nfrom django_q.models import Schedule\nfrom django_q.tasks import AsyncTask, Chain, Iter, async_chain, async_iter, async_task, schedule\nfrom shop import tasks\nfrom shop.tasks import Mail, digest, send\n"


def tree(code: str, head: str = HEAD) -> dict[str, str]:
    return {"shop/__init__.py": "", "shop/tasks.py": TASKS, "use.py": head + code}


def enqueues(inventory: Inventory) -> list[tuple[str, str, str]]:
    return [(e.form, e.name, e.job) for e in inventory.of(Enqueue, "django-q")]


def schedules(inventory: Inventory) -> list[tuple[str, str, object]]:
    return [(s.name, s.job, literal_of(s.cron) or literal_of(s.interval)) for s in inventory.of(Schedule, "django-q")]


def definitions(inventory: Inventory) -> list[tuple[str, int]]:
    return [(j.name, j.location.line) for j in inventory.of(Job, "django-q")]


SEND = "shop.tasks.send"
ENQUEUES = {
    "function": ("async_task(send, 1)", [("async_task", SEND)]),
    "function of a module": ("async_task(tasks.send, 1)", [("async_task", SEND)]),
    "dotted path": ("async_task('shop.tasks.send', 1)", [("async_task", SEND)]),
    "path from a constant": ("PATH = 'shop.tasks.' + 'send'\nasync_task(PATH)", [("async_task", SEND)]),
    "path of an f-string": ("app = 'shop'\nasync_task(f'{app}.tasks.send')", [("async_task", SEND)]),
    "static method": ("async_task(Mail.post)", [("async_task", "shop.tasks.Mail.post")]),
    "path of a static method": ("async_task('shop.tasks.Mail.post')", [("async_task", "shop.tasks.Mail.post")]),
    "method of an object": ("async_task(Mail().later)", [("async_task", "shop.tasks.Mail.later")]),
    "partial": ("async_task(partial(send, 1))", [("async_task", SEND)]),
    "async function": ("async_task(digest)", [("async_task", "shop.tasks.digest")]),
    "alias": ("from django_q.tasks import async_task as later\nlater(send)", [("async_task", SEND)]),
    "module": ("import django_q.tasks\ndjango_q.tasks.async_task(send)", [("async_task", SEND)]),
    "inside a function": ("def f():\n    from django_q.tasks import async_task as go\n    go('shop.tasks.send')", [("async_task", SEND)]),
    "AsyncTask": ("AsyncTask(send, 1).run()", [("AsyncTask.run", SEND)]),
    "AsyncTask kept": ("t = AsyncTask('shop.tasks.send', 1, group='g')\nt.cached = True\nt.run()", [("AsyncTask.run", SEND)]),
    "async_iter": ("async_iter(send, [1, 2])", [("async_iter", SEND)]),
    "Iter": ("i = Iter(send)\ni.append(1)\ni.run()", [("Iter.run", SEND)]),
    "async_chain": ("async_chain([(send, (1,), {'b': 2}), 'shop.tasks.digest'])", [("async_chain", "shop.tasks.digest"), ("async_chain", SEND)]),
    "Chain": ("c = Chain(cached=True)\nc.append(send, 1)\nc.append('shop.tasks.digest')\nc.run()", [("Chain.append", SEND), ("Chain.append", "shop.tasks.digest"), ("Chain.run", "chain")]),
    "schedule once": ("schedule('shop.tasks.send', 1, schedule_type=Schedule.ONCE, next_run=soon)", [("schedule", SEND)]),
    "schedule once by letter": ("schedule(send, schedule_type='O')", [("schedule", SEND)]),
    "schedule of no type": ("schedule(send, 1, next_run=soon)", [("schedule", SEND)]),
    "row of no type": ("Schedule.objects.create(func='shop.tasks.send', next_run=soon)", [("Schedule", SEND)]),
    "wrapper": ("def offload(f, *args):\n    t = AsyncTask(f, *args)\n    t.run()\noffload(send, 1)\noffload('shop.tasks.digest')", [("AsyncTask.run", ""), ("AsyncTask.run", SEND), ("AsyncTask.run", "shop.tasks.digest")]),
    "loop": ("for f in ('shop.tasks.send', digest):\n    async_task(f)", [("async_task", "shop.tasks.digest"), ("async_task", SEND)]),
    "outside of the project": ("async_task('math.copysign', 2, -2)", [("async_task", "math.copysign")]),
    "only known at run time": ("async_task(request.POST['f'])", [("async_task", "")]),
}  # fmt: skip


@pytest.mark.parametrize("form", ENQUEUES)
def test_enqueues(scan_tree, form: str) -> None:
    code, expected = ENQUEUES[form]
    found = enqueues(scan_tree(tree(code)))
    assert [(form, name) for form, name, _ in found] == expected
    assert all(job == (name.replace("shop.tasks.", "shop.tasks:") if name.startswith("shop") else "") for _, name, job in found)


LOOK_ALIKES = {
    "result": "from django_q.tasks import result\nresult(i)",
    "filter": "Schedule.objects.filter(func='shop.tasks.send').delete()",
    "get": "Schedule.objects.get(name='x')",
    "another schedule": "import schedule as other\nother.every(3).do(send)",
    "the project's own": "def async_task(f): ...\nasync_task(send)",
    "not run": "AsyncTask(send, 1)",
    "task rows": "from django_q.models import Task\nTask.objects.create(func='shop.tasks.send')",
    "called": "send(1)",
    "patched": "from unittest.mock import patch\npatch('shop.tasks.async_task')",
}


@pytest.mark.parametrize("form", LOOK_ALIKES)
def test_look_alikes(scan_tree, form: str) -> None:
    inventory = scan_tree(tree(LOOK_ALIKES[form]))
    assert (enqueues(inventory), schedules(inventory), definitions(inventory)) == ([], [], [])


def test_what_a_call_hands_over(scan_tree) -> None:
    code = "async_task(send, 1, b=2, hook='h', timeout=9, task_name='n', q_options={'cluster': 'long', 'group': 'g'}, *r, **k)"
    (enqueue,) = scan_tree(tree(code)).of(Enqueue, "django-q")
    shown = [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in enqueue.arguments]
    assert shown == [("", 1), ("b", 2), ("*", "r"), ("**", "k")]
    assert enqueue.queue == Literal("long")
    assert {k: literal_of(v) for k, v in enqueue.options.items()} == {
        "hook": "h",
        "timeout": 9,
        "task_name": "n",
        "cluster": "long",
        "group": "g",
    }


def test_a_function_is_a_job_where_something_names_it(scan_tree) -> None:
    inventory = scan_tree(tree("async_task('shop.tasks.send')\nasync_task(send)\nschedule('shop.tasks.digest', schedule_type='D')"))
    assert definitions(inventory) == [(SEND, 1), ("shop.tasks.digest", 2)]
    send, digest = inventory.of(Job, "django-q")
    assert send.handler is not None
    assert [p.name for p in send.handler.parameters] == ["a", "b"]
    assert digest.handler is not None
    assert digest.handler.is_async


def test_what_only_tests_run_is_no_job_of_the_application(scan_tree) -> None:
    code = HEAD + "def helper(): ...\nasync_task(send)\nasync_task(helper)\n"
    inventory = scan_tree({"shop/__init__.py": "", "shop/tasks.py": TASKS, "tests/test_it.py": code})
    assert [(j.name, j.area) for j in inventory.of(Job, "django-q")] == [("tests.test_it.helper", "test")]


SCHEDULES = {
    "schedule": ("schedule('shop.tasks.send', 1, name='n', schedule_type=Schedule.HOURLY)", ("n", 3600)),
    "function": ("schedule(send, 1, name='n', schedule_type=Schedule.DAILY)", ("n", 86400)),
    "letter": ("schedule(send, name='n', schedule_type='W')", ("n", 604800)),
    "minutes": ("schedule(send, name='n', schedule_type=Schedule.MINUTES, minutes=5)", ("n", 300)),
    "every other week": ("schedule(send, name='n', schedule_type=Schedule.BIWEEKLY)", ("n", 1209600)),
    "cron": ("schedule(send, name='n', schedule_type=Schedule.CRON, cron='0 22 * * 1-5')", ("n", "0 22 * * 1-5")),
    "no name": ("schedule(send, schedule_type='D')", (SEND, 86400)),
    "create": ("Schedule.objects.create(name='n', func='shop.tasks.send', schedule_type=Schedule.HOURLY)", ("n", 3600)),
    "get_or_create": ("Schedule.objects.get_or_create(name='n', defaults={'func': 'shop.tasks.send', 'schedule_type': Schedule.CRON, 'cron': '1 2 * * *'})", ("n", "1 2 * * *")),
    "update_or_create": ("Schedule.objects.update_or_create(func='shop.tasks.send', defaults=dict(name='n', schedule_type='I', minutes=2))", ("n", 120)),
    "another database": ("Schedule.objects.using('b').create(name='n', func='shop.tasks.send', schedule_type='H')", ("n", 3600)),
    "awaited": ("async def f():\n    await Schedule.objects.acreate(name='n', func='shop.tasks.send', schedule_type='H')", ("n", 3600)),
    "unpacked": ("row = {'func': 'shop.tasks.send', 'name': 'n', 'schedule_type': 'H'}\nSchedule.objects.create(**row)", ("n", 3600)),
    "made and saved": ("s = Schedule(name='n', func='shop.tasks.send', schedule_type='H')\ns.save()", ("n", 3600)),
    "bulk": ("Schedule.objects.bulk_create([Schedule(name='n', func='shop.tasks.send', schedule_type='H')])", ("n", 3600)),
    "migration": ("def forwards(apps, schema_editor):\n    apps.get_model('django_q', 'Schedule').objects.create(name='n', func='shop.tasks.send', schedule_type='H')", ("n", 3600)),
    "model of a migration": ("def forwards(apps, schema_editor):\n    Row = apps.get_model('django_q.Schedule')\n    Row.objects.update_or_create(name='n', defaults={'func': 'shop.tasks.send', 'schedule_type': 'H'})", ("n", 3600)),
    "model of a migration, saved": ("def forwards(apps, schema_editor):\n    Row = apps.get_model('django_q', 'Schedule')\n    Row(name='n', func='shop.tasks.send', schedule_type='H').save()", ("n", 3600)),
}  # fmt: skip


@pytest.mark.parametrize("form", SCHEDULES)
def test_schedules(scan_tree, form: str) -> None:
    code, (name, when) = SCHEDULES[form]
    inventory = scan_tree(tree(code))
    assert schedules(inventory) == [(name, "shop.tasks:send", when)]
    assert (enqueues(inventory), definitions(inventory)) == ([], [(SEND, 1)])


def test_rows_written_in_a_loop(scan_tree) -> None:
    code = "for name, f in (('a', 'shop.tasks.send'), ('b', 'shop.tasks.digest')):\n    Schedule.objects.create(name=name, func=f, schedule_type='H')"
    migration = "def forwards(apps, schema_editor):\n    Row = apps.get_model('django_q', 'Schedule')\n    for f in ('shop.tasks.send', 'shop.tasks.digest'):\n        Row.objects.create(func=f, schedule_type='H')\n"
    assert sorted(schedules(scan_tree(tree(code)))) == [("a", "shop.tasks:send", 3600), ("b", "shop.tasks:digest", 3600)]
    assert [job for _, job, _ in schedules(scan_tree(tree(migration, "import django_q\n")))] == ["shop.tasks:digest", "shop.tasks:send"]


UNSURE = {
    "monthly": ("schedule(send, schedule_type=Schedule.MONTHLY)", "monthly"),
    "type at run time": ("schedule(send, schedule_type=kind)", "type"),
    "unknown options": ("schedule(send, **options)", "type"),
    "function at run time": ("schedule(f, name='n', schedule_type='H')", "function"),
    "minutes at run time": ("Schedule.objects.create(func='shop.tasks.send', schedule_type='I')", "fires"),
}


@pytest.mark.parametrize("form", UNSURE)
def test_what_a_schedule_leaves_open_is_said(scan_tree, form: str) -> None:
    code, why = UNSURE[form]
    (schedule,) = scan_tree(tree(code)).of(Schedule, "django-q")
    assert schedule.confidence == "likely"
    assert why in schedule.reason


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        ("'1, 2'", "'b=3'", [("", 1), ("", 2), ("b", 3)]),
        ("'1'", "\"{'b': 3}\"", [("", 1), ("b", 3)]),
        ("(1, x)", "{'b': 3}", [("", 1), ("", "x"), ("b", 3)]),
        ("'not a literal('", "broken", [("*", "'not a literal('"), ("**", "broken")]),
    ],
)
def test_arguments_of_a_row(scan_tree, args: str, kwargs: str, expected: list[tuple[str, object]]) -> None:
    (schedule,) = scan_tree(tree(f"Schedule.objects.create(func='shop.tasks.send', schedule_type='H', args={args}, kwargs={kwargs})")).of(
        Schedule, "django-q"
    )
    assert [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in schedule.arguments] == expected


SETTINGS = "INSTALLED_APPS = ['django.contrib.admin', 'django_q']\nQ_CLUSTER = {'name': 'shop', 'retry': 90, 'timeout': 60, 'max_attempts': 3, %s}\nQ_CLUSTER['sync'] = False\n"


def test_configuration(scan_tree) -> None:
    inventory = scan_tree(
        {
            "settings.py": SETTINGS % "'orm': 'default'",
            "run.py": "from django_q.cluster import Cluster\nc = Cluster()\nc.start()\n",
            "Procfile": "worker: python manage.py qcluster -n long\n",
        }
    )
    assert [(s.name, s.location.line) for s in inventory.of(Setting, "django-q")] == [
        ("django_q", 1),
        ("Q_CLUSTER", 2),
        ("Q_CLUSTER.sync", 3),
    ]
    assert [(c.name, c.role, c.location.line) for c in inventory.of(Client, "django-q")] == [("shop", "cluster", 2)]
    assert sorted((w.name, w.queues) for w in inventory.of(Worker, "django-q")) == [("Cluster", ()), ("qcluster", ("long",))]


@pytest.mark.parametrize(
    "lists",
    [
        "INSTALLED_APPS += ['django_q']",
        "THIRD_PARTY_APPS = ('x', 'django_q')",
        "INSTALLED_APPS.append('django_q')",
        "INSTALLED_APPS = ['django_q.apps.DjangoQConfig']",
    ],
)
def test_installed_applications(scan_tree, lists: str) -> None:
    assert [s.name for s in scan_tree({"settings.py": lists}).of(Setting, "django-q")] == ["django_q"]


@pytest.mark.parametrize(
    ("broker", "attempts", "explicit"),
    [("'orm': 'default'", 3, True), ("'redis': {}", 1, False), ("'sqs': {}, 'ack_failures': True", 1, False)],
)
def test_the_cluster_says_how_often_a_job_is_tried(scan_tree, broker: str, attempts: int, explicit: bool) -> None:
    (job,) = scan_tree({"settings.py": SETTINGS % broker, **tree("async_task(send)")}).of(Job, "django-q")
    assert job.retry is not None
    assert (literal_of(job.retry.max_attempts), job.retry.explicit, job.timeout) == (attempts, explicit, Literal(60))


def test_without_a_limit_a_job_is_tried_without_end(scan_tree) -> None:
    (job,) = scan_tree({"settings.py": "Q_CLUSTER = {'orm': 'default', 'timeout': T}", **tree("async_task(send)")}).of(Job, "django-q")
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.backoff.delay, job.timeout) == (Literal(None), Literal(60), Expression("T"))


def test_in_whose_body_an_enqueue_stands(scan_tree) -> None:
    inventory = scan_tree(
        {
            "jobs.py": "from django_q.tasks import async_task\ndef first():\n    async_task(second)\ndef second():\n    pass\nasync_task(first)\n"
        }
    )
    assert sorted(e.inside for e in inventory.of(Enqueue, "django-q")) == ["", "jobs:first"]
