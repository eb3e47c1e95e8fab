# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which a Celery task is put on its way, and the look-alikes that must not be taken for one."""

from __future__ import annotations

import pytest

from migrator.jobs import Argument, Enqueue, Expression, Inventory, Literal, literal_of

TASKS = "from celery import shared_task\n@shared_task\ndef send(a, b=1): ...\n@shared_task(bind=True)\ndef again(self): ...\n"
HEAD = "from tasks import send, again\nfrom celery import chain, group, chord, signature\nfrom app import app\n"
APP = 'from celery import Celery\napp = Celery("p")\n'


def found(inventory: Inventory) -> list[tuple[str, str]]:
    return [(e.form, e.name) for e in inventory.of(Enqueue, "celery") if e.location.path == "use.py"]


def shown(arguments: tuple[Argument, ...]) -> list[tuple[str, object]]:
    return [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in arguments]


def one(scan_tree, code: str) -> Enqueue:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code})
    (enqueue,) = [e for e in inventory.of(Enqueue, "celery") if e.location.path == "use.py"]
    return enqueue


@pytest.mark.parametrize(
    ("code", "form", "arguments", "fields", "options"),
    [
        pytest.param("send.delay(1, b=x, *r, **k)", "delay", [("", 1), ("b", "x"), ("*", "r"), ("**", "k")], {}, set(), id="delay"),
        pytest.param("send.delay()", "delay", [], {}, set(), id="empty"),
        pytest.param("send.apply_async((1, x), {'b': 2}, countdown=5, queue='q')", "apply_async", [("", 1), ("", "x"), ("b", 2)], {"delay": 5, "queue": "q"}, {"countdown", "queue"}, id="apply_async"),
        pytest.param("send.apply_async(args=[1], kwargs=dict(b=2), eta=when, expires=9, priority=3, task_id=i)", "apply_async", [("", 1), ("b", 2)], {"eta": "when", "expires": 9, "priority": 3}, {"eta", "expires", "priority", "task_id"}, id="keywords"),
        pytest.param("send.apply_async(a, k, i)", "apply_async", [("*", "a"), ("**", "k")], {}, {"task_id"}, id="variables"),
        pytest.param("send.apply_async([1, *r], {**k, 'b': 2})", "apply_async", [("", 1), ("*", "r"), ("**", "k"), ("b", 2)], {}, set(), id="unpacked"),
        pytest.param("send.apply_async((1,), **o)", "apply_async", [("", 1)], {}, {"**"}, id="unknown options"),
        pytest.param("send.apply_async(None, None, countdown=None)", "apply_async", [], {}, {"countdown"}, id="none"),
        pytest.param("send.delay_on_commit(1)", "delay_on_commit", [("", 1)], {}, set(), id="delay_on_commit"),
        pytest.param("send.apply_async_on_commit((1,), countdown=2)", "apply_async_on_commit", [("", 1)], {"delay": 2}, {"countdown"}, id="apply_async_on_commit"),
        pytest.param("app.send_task('tasks.send', [1], {'b': 2}, 3)", "send_task", [("", 1), ("b", 2)], {"delay": 3}, {"countdown"}, id="send_task"),
        pytest.param("app.send_task(name='tasks.send', kwargs={'b': 2}, queue='q')", "send_task", [("b", 2)], {"queue": "q"}, {"queue"}, id="send_task keywords"),
        pytest.param("app.send_task(send.name, (1,))", "send_task", [("", 1)], {}, set(), id="send_task by attribute"),
        pytest.param("app.tasks['tasks.send'].delay(1)", "delay", [("", 1)], {}, set(), id="registry"),
        pytest.param("send.s(1, b=2)", "s", [("", 1), ("b", 2)], {}, set(), id="s"),
        pytest.param("send.si(1)", "si", [("", 1)], {}, set(), id="si"),
        pytest.param("send.signature((1,), {'b': 2}, countdown=4)", "signature", [("", 1), ("b", 2)], {"delay": 4}, {"countdown"}, id="signature"),
        pytest.param("signature('tasks.send', args=(1,), queue='q')", "signature", [("", 1)], {"queue": "q"}, {"queue"}, id="signature by name"),
        pytest.param("app.signature('tasks.send', args=(1,))", "signature", [("", 1)], {}, set(), id="app.signature"),
        pytest.param("send.s(1).apply_async(countdown=5)", "s.apply_async", [("", 1)], {"delay": 5}, {"countdown"}, id="s run"),
        pytest.param("send.s(1).delay(2)", "s.delay", [("", 1), ("", 2)], {}, set(), id="s delay"),
        pytest.param("send.s(1).set(queue='q', countdown=1).apply_async(countdown=5)", "s.apply_async", [("", 1)], {"queue": "q", "delay": 5}, {"queue", "countdown"}, id="set"),
        pytest.param("(\n    send.s(1)\n    .set(queue='q')\n    .delay()\n)", "s.delay", [("", 1)], {"queue": "q"}, {"queue"}, id="over lines"),
        pytest.param("getattr(__import__('x'), 'y'); getattr(send, 'delay')(1)", "delay", [("", 1)], {}, set(), id="getattr"),
        pytest.param("request.task(send).delay(1)", "delay", [("", 1)], {}, set(), id="handed to something unknown"),
        pytest.param("from pyramid.config import Configurator\nConfigurator().task(send).delay(1)", "delay", [("", 1)], {}, set(), id="handed to another package"),
        pytest.param("class Mine(Other):\n    pass\nMine().task(send).delay(1)", "delay", [("", 1)], {}, set(), id="handed to a class of the project"),
        pytest.param("app.tasks.get('tasks.send').delay(1)", "delay", [("", 1)], {}, set(), id="get of the registry"),
    ],
)  # fmt: skip
def test_forms(scan_tree, code: str, form: str, arguments: list, fields: dict, options: set) -> None:
    enqueue = one(scan_tree, code)
    assert (enqueue.form, enqueue.name, enqueue.job) == (form, "tasks.send", "tasks:send")
    assert shown(enqueue.arguments) == arguments
    assert {
        n: v.value if isinstance(v, Literal) else v.source
        for n in ("delay", "eta", "queue", "priority", "expires")
        if (v := getattr(enqueue, n))
    } == fields
    assert set(enqueue.options) == options


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("send.apply(args=(1,))", id="apply"),
        pytest.param("send.s(1).apply()", id="signature applied"),
        pytest.param("made = send.s(1)\nmade.apply()", id="signature applied later"),
        pytest.param("send.si(1)()", id="signature called"),
        pytest.param("JOBS = {'a': send}\nJOBS[kind].apply()", id="chosen"),
        pytest.param("later(send.apply)", id="passed on"),
    ],
)
def test_what_runs_in_place_is_a_mention(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code})
    mentions = [r for r in inventory.references if r.location.path == "use.py" and r.target == "tasks:send" and r.form != "import"]
    kept = [e.form for e in inventory.of(Enqueue, "celery") if e.location.path == "use.py"]
    assert kept == (["s"] if code.startswith("made") else [])
    assert mentions


CLASS = "from celery import Celery, Task\napp = Celery('p')\nclass Plain(Task):\n    name = 'plain'\n    def run(self, x): ...\napp.register_task(Plain())\n"


@pytest.mark.parametrize(
    ("code", "form"),
    [
        pytest.param("Plain().s(**payload).apply_async()", "s.apply_async", id="sent where it is made"),
        pytest.param("plain = Plain()\nplain.si(1).delay()", "si.delay", id="of a name"),
        pytest.param("keep(Plain().s(1))", "s", id="kept"),
    ],
)
def test_signatures_of_class_tasks(scan_tree, code: str, form: str) -> None:
    inventory = scan_tree({"tasks.py": CLASS, "use.py": f"from tasks import Plain\n{code}\n"})
    assert [(e.form, e.name, e.job, e.confidence) for e in inventory.of(Enqueue)] == [(form, "plain", "tasks:Plain", "certain")]


@pytest.mark.parametrize("parent", ["super()", "super(Plain, self)"])
def test_what_a_task_class_does_when_it_is_sent_is_no_sending(scan_tree, parent: str) -> None:
    own = f"    def s(self, *args):\n        return {parent}.s(*args)\n    def apply_async(self, *args):\n        return {parent}.apply_async(*args)\n"
    code = CLASS.replace("    def run(self, x): ...\n", "    def run(self, x): ...\n" + own)
    inventory = scan_tree({"tasks.py": code})
    assert (inventory.of(Enqueue), inventory.unresolved) == ((), ())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("import tasks\ntasks.send.delay()", ("delay", "tasks.send"), id="module"),
        pytest.param("import tasks as t\nt.send.delay()", ("delay", "tasks.send"), id="aliased module"),
        pytest.param("def f():\n    from tasks import send as _s\n    _s.delay()", ("delay", "tasks.send"), id="import in a function"),
        pytest.param("from package import send\nsend.delay()", ("delay", "tasks.send"), id="re-export"),
        pytest.param("from package import *\nsend.delay()", ("delay", "tasks.send"), id="star"),
        pytest.param("from tasks import send\njob = send\njob.delay()", ("delay", "tasks.send"), id="renamed"),
        pytest.param("from tasks import send\nJOBS = {'x': send}\nJOBS['x'].delay()", ("delay", "tasks.send"), id="table"),
        pytest.param("from tasks import send\nclass A:\n    job = send\n    def go(self): self.job.delay()", ("delay", "tasks.send"), id="attribute"),
        pytest.param("from tasks import send\nclass A:\n    def __init__(self): self.job = send\n    def go(self): self.job.delay()", ("delay", "tasks.send"), id="instance attribute"),
        pytest.param("from tasks import send\ndef go(job): job.delay(1)\ngo(send)", ("delay", "tasks.send"), id="handed to a function"),
        pytest.param("from app import app\ndef go(name): app.send_task(name)\ngo('tasks.send')", ("send_task", "tasks.send"), id="name handed to a function"),
        pytest.param("from tasks import send\nfrom functools import partial\nf = partial(send.delay, 1)", ("delay-reference", "tasks.send"), id="partial"),
        pytest.param("from tasks import send\nsignal.connect(send.delay)", ("delay-reference", "tasks.send"), id="passed on"),
        pytest.param("from tasks import send\nfrom django.db import transaction\ntransaction.on_commit(lambda: send.delay(1))", ("delay", "tasks.send"), id="on_commit"),
    ],
)  # fmt: skip
def test_ways_to_a_task(scan_tree, code: str, expected: tuple[str, str]) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "package/__init__.py": "from tasks import send\n", "use.py": code})
    assert [(e.form, e.name) for e in inventory.production if isinstance(e, Enqueue) and e.location.path == "use.py"] == [expected]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("send(1)", id="a plain call runs inline"),
        pytest.param("send.run(1)", id="run"),
        pytest.param("send.name", id="attribute"),
        pytest.param("send.delay = fake", id="patched"),
        pytest.param("class Batch:\n    def delay(self, s): ...\nBatch().delay(3)", id="own method"),
        pytest.param(
            "from django.db import models\nclass Post(models.Model):\n    def delay(self, s): ...\nPost.objects.get(id=1).delay(3)",
            id="model",
        ),
        pytest.param("import requests\nrequests.get('x').delay(3)", id="other library"),
        pytest.param("Thing.objects.defer('x')", id="queryset"),
        pytest.param("app.control.revoke('x')", id="control"),
        pytest.param("'x'.delay(1)", id="literal"),
    ],
)
def test_no_enqueue(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code})
    assert found(inventory) == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        pytest.param("for job in load(): job.delay(1)", "an item of a loop", id="loop"),
        pytest.param("def go(job): job.delay(1)", "the parameter job", id="parameter without callers"),
        pytest.param("import tasks\ngetattr(tasks, name).delay()", "looked up by a name at run time", id="getattr"),
        pytest.param(
            "from importlib import import_module\nimport_module(m).send.delay()", "looked up by a name at run time", id="import_module"
        ),
        pytest.param(
            "from django.utils.module_loading import import_string\nimport_string(m).delay()",
            "looked up by a name at run time",
            id="import_string",
        ),
        pytest.param(
            "class A:\n    def __init__(self, job): self.job = job\n    def go(self): self.job.delay()",
            "",
            id="attribute that is handed in",
        ),
        pytest.param("JOBS[kind].apply_async()", "a key only known at run time", id="table of a name that is nowhere bound"),
    ],
)
def test_loose_ends_are_reported(scan_tree, code: str, why: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": code})
    # What is looked up by a name is a task whose name only the run knows; for the rest, that is not to be told either.
    assert [name for _, name in found(inventory)] == ([""] if why.startswith(("looked up", "a key")) else [])
    (loose,) = inventory.unresolved
    assert (loose.path, loose.system) == ("use.py", "celery")
    assert why in loose.reason


CHOICES = {
    "table": ("JOBS = {'a': send, 'b': again}\ndef go(k): JOBS[k].delay(1)", {"tasks.again", "tasks.send"}),
    "get of a table": ("JOBS = {'a': send, 'b': again}\ndef go(k): JOBS.get(k).apply_async((1,))", {"tasks.again", "tasks.send"}),
    "kept": ("JOBS = {'a': send, 'b': again}\ndef go(k):\n    job = JOBS[k]\n    job.delay(1)", {"tasks.again", "tasks.send"}),
    "table of a class": ("class A:\n    jobs = {'a': send, 'b': again}\n    def go(self, k): self.jobs[k].delay()", {"tasks.again", "tasks.send"}),
    "table of pairs": ("JOBS = {'a': (send, 1), 'b': (again, 2)}\ndef go(k): JOBS[k][0].delay()", {"tasks.again", "tasks.send"}),
    "taken apart": ("JOBS = {'a': (send, {}), 'b': (again, {})}\ndef go(k):\n    job, options = JOBS[k]\n    job.delay(**options)", {"tasks.again", "tasks.send"}),
    "condition": ("def go(k): (send if k else again).delay()", {"tasks.again", "tasks.send"}),
    "loop over values": ("JOBS = {'a': send, 'b': again}\nfor job in JOBS.values(): job.delay()", {"tasks.again", "tasks.send"}),
    "loop over a tuple": ("for job in (send, again): job.delay()", {"tasks.again", "tasks.send"}),
    "comprehension": ("[job.delay(1) for job in (send, again)]", {"tasks.again", "tasks.send"}),
    "subclass": ("class A:\n    def go(self): self.job.delay()\nclass B(A):\n    job = send\nclass C(B):\n    job = again", {"tasks.again", "tasks.send"}),
    "subclass of one without": ("class A:\n    job = None\n    def go(self): self.job.delay()\nclass B(A):\n    job = send", {"tasks.send"}),
    "one key": ("JOBS = {'a': send, 'b': again}\nJOBS['a'].delay(1)", {"tasks.send"}),
    "path": ("from django.utils.module_loading import import_string\nimport_string(path).delay()", {""}),
    "called like one": ("def go(task): task.apply_async((1,))", {""}),
}  # fmt: skip


@pytest.mark.parametrize("form", CHOICES)
def test_tasks_that_are_chosen_at_run_time(scan_tree, form: str) -> None:
    code, expected = CHOICES[form]
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code})
    calls = [e for e in inventory.of(Enqueue, "celery") if e.location.path == "use.py"]
    assert {e.name for e in calls} == expected
    assert form == "one key" or all(e.confidence == "likely" for e in calls)


@pytest.mark.parametrize(
    "code",
    [
        "pool.apply_async(send, (1,))",
        "with Pool() as p:\n    p.apply_async(work)",
        "class A:\n    def go(self): self.job.delay()\nclass B(A):\n    job = 3",
    ],
)
def test_what_is_chosen_at_run_time_and_no_task(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": HEAD + code})
    assert found(inventory) == []


def test_a_method_of_tasks_on_a_function_that_is_none_is_reported(scan_tree) -> None:
    inventory = scan_tree(
        {"app.py": APP, "tasks.py": TASKS + "def forgotten(): ...\n", "use.py": HEAD + "from tasks import forgotten\nforgotten.delay(1)\n"}
    )
    assert found(inventory) == []
    assert [(u.line, "forgotten" in u.reason) for u in inventory.unresolved] == [(5, True)]


def test_what_a_package_around_celery_brings_along_is_reported(scan_tree) -> None:
    page = "from django_celery_beat.admin import PeriodicTaskAdmin as Admin\n\nclass Page(Admin):\n    def run(self, name):\n"
    page += "        task = self.celery_app.tasks.get(name)\n        task.apply_async()\n        self.log.delay()\n        super().apply_async(name)\n"
    inventory = scan_tree({"app.py": APP, "admin.py": page})
    reason = "what {} is called on could not be told: it is of django_celery_beat"
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(6, reason.format("apply_async")), (7, reason.format("delay"))]
    other = page.replace("django_celery_beat", "django.contrib").replace("PeriodicTaskAdmin", "ModelAdmin")
    assert scan_tree({"app.py": APP, "admin.py": other}).unresolved == ()


def test_no_loose_end_where_there_is_no_celery(scan_tree) -> None:
    assert scan_tree({"use.py": "def hold(batch): batch.delay(3)\n"}).unresolved == ()


def test_a_name_that_only_the_run_knows(scan_tree) -> None:
    enqueue = one(scan_tree, "app.send_task(pick(), args=[1])")
    assert (enqueue.name, enqueue.confidence, enqueue.options["name"]) == ("", "likely", Expression("pick()"))


def test_a_name_of_another_application_stays_without_a_job(scan_tree) -> None:
    enqueue = one(scan_tree, "app.send_task('elsewhere.work')")
    assert (enqueue.name, enqueue.job) == ("elsewhere.work", "")


def test_a_bound_task_sends_itself(scan_tree) -> None:
    inventory = scan_tree(
        {
            "tasks.py": "from celery import shared_task\n@shared_task(bind=True)\ndef f(self, n):\n    self.apply_async((n - 1,), countdown=5)\n    self.s(1)\n"
        }
    )
    assert [(e.form, e.name, e.location.line, e.inside) for e in inventory.of(Enqueue)] == [
        ("apply_async", "tasks.f", 4, "tasks:f"),
        ("s", "tasks.f", 5, "tasks:f"),
    ]


@pytest.mark.parametrize("parameter", ["self", "self: Task", "task"])
def test_a_bound_task_sends_by_name_through_its_application(scan_tree, parameter: str) -> None:
    own = parameter.partition(":")[0]
    text = (
        f"from celery import Task, shared_task\n@shared_task(bind=True)\ndef f({parameter}, n):\n    {own}.app.send_task('tasks.g', (n,))\n"
    )
    inventory = scan_tree({"tasks.py": text + "@shared_task\ndef g(n): ...\n"})
    assert [(e.form, e.job, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [("send_task", "tasks:g", 4, "certain")]
    assert inventory.unresolved == ()


def test_an_application_that_only_its_name_tells(scan_tree) -> None:
    code = "def go(celery_app, bus):\n    celery_app.send_task('tasks.send', (1,))\n    bus.send_task('tasks.send')\n    celery_app.send_task(kind())\n"
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": code})
    assert [(e.form, e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [("send_task", "tasks.send", 2, "likely")]
    assert [u.line for u in inventory.unresolved] == [3, 4]


EXTERNAL = "from vendor.mail.tasks import send as post\nfrom vendor import tasks\nfrom vendor.models import Thing, tasks_of\n"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("post.delay(1)", "vendor.mail.tasks.send", id="imported"),
        pytest.param("tasks.sync.apply_async((1,))", "vendor.tasks.sync", id="through its module"),
        pytest.param("Thing.delay(1)", "", id="a module of another name"),
        pytest.param("tasks_of.thing.delay(1)", "", id="an object"),
        pytest.param("tasks.delay(1)", "", id="the module itself"),
        pytest.param("post.apply(1)", "", id="apply is a method of much"),
    ],
)
def test_tasks_of_a_package_outside_the_tree(scan_tree, code: str, name: str) -> None:
    inventory = scan_tree({"app.py": APP, "use.py": EXTERNAL + code})
    assert [(e.name, e.confidence, e.location.line) for e in inventory.of(Enqueue)] == ([(name, "likely", 4)] if name else [])


def test_tasks_of_a_package_are_none_where_there_is_no_celery(scan_tree) -> None:
    assert scan_tree({"use.py": EXTERNAL + "post.delay(1)\n"}).of(Enqueue) == ()


def test_what_stands_around(scan_tree) -> None:
    inventory = scan_tree(
        {
            "tasks.py": TASKS,
            "use.py": """
                from django.db import transaction
                from tasks import send
                async def a():
                    for x in y:
                        r = send.delay(1)
                @transaction.atomic
                def b():
                    send.delay(2)
                    transaction.on_commit(lambda: send.delay(3))
                def c():
                    with transaction.atomic(), other():
                        send.delay(4)
                    return [send.delay(n).id for n in z]
                send.delay(6)
                """,
        }
    )
    rows = [e for e in inventory.of(Enqueue) if e.location.path == "use.py"]
    assert [(e.inside, e.in_async, e.in_loop, e.in_transaction, e.result_used) for e in rows] == [
        ("a", True, True, False, True),
        ("b", False, False, True, False),
        ("b", False, False, False, True),
        ("c", False, False, True, False),
        ("c", False, True, False, True),
        ("", False, False, False, False),
    ]


def test_the_line_is_that_of_the_method(scan_tree, tmp_path) -> None:
    enqueue = one(scan_tree, "x = (send\n  .apply_async(\n    (1,),\n))")
    data = (tmp_path / "use.py").read_bytes()
    assert enqueue.location.line == HEAD.count("\n") + 2
    assert enqueue.call is not None
    assert enqueue.receiver is not None
    assert data[enqueue.call.start : enqueue.call.end] == b"send\n  .apply_async(\n    (1,),\n)"
    assert data[enqueue.receiver.start : enqueue.receiver.end] == b"send"
    assert [data[a.span.start : a.span.end] for a in enqueue.arguments] == [b"1"]


def test_on_redis_a_lower_number_is_sooner(scan_tree) -> None:
    files = {"tasks.py": TASKS, "use.py": "from tasks import send\nsend.apply_async(priority=2)\n"}
    redis = scan_tree({**files, "settings.py": 'CELERY_BROKER_URL = "redis://h/0"\n'})
    assert [literal_of(e.priority) for e in redis.of(Enqueue)] == [7]
    rabbit = scan_tree({**files, "settings.py": 'CELERY_BROKER_URL = "amqp://h"\n'})
    assert [literal_of(e.priority) for e in rabbit.of(Enqueue)] == [2]


def test_what_could_not_be_told_beside_what_could(scan_tree) -> None:
    code = "from celery import shared_task\n\n@shared_task\ndef mail(): ...\n\ndef go(one):\n    mail.delay(); one.task.delay()\n"
    inventory = scan_tree({"shop.py": code})
    assert [(u.line, u.source) for u in inventory.unresolved] == [(7, "one.task.delay()")]
    assert [e.name for e in inventory.of(Enqueue)] == ["shop.mail", ""]


MADE_AND_SENT = """
from celery import Celery

app = Celery("shop")

def task(*args, **kwargs):
    return app.task(*args, **kwargs)

def connect(signal, **options):
    def wrapper(function):
        made = {made}
        def send(item):
            made.delay(item)
        signal.connect(send)
        return made
    return wrapper
"""


@pytest.mark.parametrize("made", ["app.task(function)", "task(function)", "task(function, **options)"])
def test_a_decorator_of_the_project_sends_what_it_makes(scan_tree, made: str) -> None:
    inventory = scan_tree({"shop.py": MADE_AND_SENT.format(made=made)})
    assert [(e.name, e.location.line, e.confidence) for e in inventory.of(Enqueue)] == [("", 13, "likely")]


OWN = {
    "queueing.py": "def job(function):\n    def put(*args):\n        ROWS.append(args)\n    function.delay = put\n    return function\n",
    "tasks.py": "from queueing import job\n\n@job\ndef mail(to): ...\n\n@job\ndef sweep(): ...\n",
    "views.py": "from tasks import mail, sweep\n\ndef view(x):\n    mail.delay(x)\n    sweep.delay()\n",
}


def test_a_job_system_of_the_projects_own_is_said(scan_tree) -> None:
    inventory = scan_tree(OWN)
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [
        ("queueing.py", 4, "gives what it decorates a method delay: jobs of a system of this project's own, which are not read")
    ]
    assert not inventory.of(Enqueue)


OWN_CLASS = """
class job:
    def __init__(self, queue):
        self.queue = queue

    def __call__(self, function):
        setattr(function, "delay", put)
        setattr(function, "queue", self.queue)
        return function
"""


def test_a_decorator_of_the_projects_own_that_is_an_object_is_said(scan_tree) -> None:
    tasks = OWN["tasks.py"].replace("@job", '@job(queue="low")')
    inventory = scan_tree({"queueing.py": OWN_CLASS, "tasks.py": tasks, "views.py": OWN["views.py"], "app.py": APP})
    reason = "gives what it decorates a method delay: jobs of a system of this project's own, which are not read"
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [("queueing.py", 7, reason)]
    other = OWN_CLASS.replace('"delay"', '"later"')
    inventory = scan_tree({"queueing.py": other, "tasks.py": tasks, "views.py": OWN["views.py"], "app.py": APP})
    assert [(u.path, u.line) for u in inventory.unresolved] == [("views.py", 4), ("views.py", 5)]


def test_a_job_system_that_is_not_read_is_said(scan_tree) -> None:
    tasks = OWN["tasks.py"].replace("from queueing import", "from jobs_of_others import")
    inventory = scan_tree({"tasks.py": tasks, "views.py": OWN["views.py"]})
    reason = "sends what jobs_of_others.job makes a job, as one more call does: that system is not read"
    assert [(u.path, u.line, u.reason) for u in inventory.unresolved] == [("views.py", 4, reason)]
    plain = tasks.replace("from jobs_of_others import job", "from functools import cache as job")
    assert scan_tree({"tasks.py": plain, "views.py": OWN["views.py"]}).unresolved == ()


@pytest.mark.parametrize("base", ["Task", "app.Task", "Base"])
@pytest.mark.parametrize("sent", ["Mail().delay(1)", "Mail.delay(1)", "made = Mail()\n    made.delay(1)", "registered.delay(1)"])
def test_an_instance_of_a_task_class(scan_tree, base: str, sent: str) -> None:
    code = f"""from celery import Celery, Task
app = Celery("shop")

class Base(Task):
    abstract = True

class Mail({base}):
    name = "mail"

    def run(self, to): ...

registered = app.register_task(Mail())

def signup():
    {sent}
"""
    inventory = scan_tree({"shop.py": code})
    assert [(e.name, e.job, e.form, e.confidence) for e in inventory.of(Enqueue)] == [("mail", "shop:Mail", "delay", "certain")]


@pytest.mark.parametrize(("given", "said"), [("Callable[[int], int]", 0), ("'Callable[[int], int]'", 0), ("object", 1)])
def test_a_function_that_is_handed_in_under_the_name_of_a_method_is_no_task(scan_tree, given: str, said: int) -> None:
    code = f"import celery\nfrom collections.abc import Callable\n\ndef retry(delay: {given}):\n    return delay(1)\n"
    assert [u.line for u in scan_tree({"a.py": code}).unresolved] == [5] * said


POOL = "{head}\ndef export(pool, jobs):\n    pool.apply_async(print, (1,))\n"


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        pytest.param("import multiprocessing", [], id="pools of processes"),
        pytest.param("from multiprocessing import Pool", [], id="a class of them"),
        pytest.param("import os", [3], id="nothing that has pools"),
    ],
)
def test_a_pool_that_a_function_is_handed(scan_tree, head: str, lines: list[int]) -> None:
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": POOL.format(head=head)})
    assert [u.line for u in inventory.unresolved] == lines
    assert [e for e in inventory.of(Enqueue) if e.location.path == "use.py"] == []


def test_a_task_beside_pools_is_said(scan_tree) -> None:
    code = "import multiprocessing\ndef export(task):\n    task.apply_async()\n"
    inventory = scan_tree({"app.py": APP, "tasks.py": TASKS, "use.py": code})
    assert [u.line for u in inventory.unresolved] == [3]
