"""Calls that put a job on its way, from a module that only sends."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import Moved, check_left, move

JOBS = """
from celery import shared_task


@shared_task
def f(x, y=None):
    print(x)


@shared_task(queue="slow", expires=60)
def g(x):
    print(x)
"""


def sent(folder: Path, before: str, after: str, *, unsafe: bool = False, lines: str = "from shop.jobs import f, g\n") -> Moved:
    """A module that sends goes from `before` to `after`, import lines apart."""
    moved = move(folder, {"shop/jobs.py": JOBS, "shop/views.py": f"{lines}\n\n{dedent(before)}"}, unsafe=unsafe)
    written = moved.files["shop/views.py"].split("\n\n\n", 1)[1]
    assert written == dedent(after), written
    assert set(moved.outcomes().values()) == {"safe rewritten"}
    return moved


FORMS = {
    "delay": ("f.delay(1, y=2)\n", "f.send(1, y=2)\n"),
    "delay unpacked": ("a = []\nf.delay(*a, **{})\n", "a = []\nf.send(*a, **{})\n"),
    "tuple": ("f.apply_async((1,))\n", "f.send_with_options(args=(1,))\n"),
    "list": ("f.apply_async([1, 2])\n", "f.send_with_options(args=(1, 2))\n"),
    "list of one": ("f.apply_async([1])\n", "f.send_with_options(args=(1,))\n"),
    "keywords": ("f.apply_async(kwargs={'x': 1})\n", "f.send_with_options(kwargs={'x': 1})\n"),
    "both positional": ("f.apply_async((), {'x': 1})\n", "f.send_with_options(args=(), kwargs={'x': 1})\n"),
    "nothing": ("f.apply_async()\n", "f.send_with_options()\n"),
    "none": ("f.apply_async(None, None)\n", "f.send_with_options(args=(), kwargs=None)\n"),
    "a name": ("a = 1,\nf.apply_async(a)\n", "a = 1,\nf.send_with_options(args=tuple(a or ()))\n"),
    "an expression": ("a = 0\nf.apply_async(args=a or [1])\n", "a = 0\nf.send_with_options(args=tuple((a or [1]) or ()))\n"),
    "countdown": ("f.apply_async((1,), countdown=5)\n", "f.send_with_options(args=(1,), delay=5000)\n"),
    "no countdown": ("f.apply_async((1,), countdown=None)\n", "f.send_with_options(args=(1,), delay=None)\n"),
    "countdown from a name": ("a = 1\nf.apply_async((1,), countdown=a)\n", "a = 1\nf.send_with_options(args=(1,), delay=ms(a))\n"),
    "eta": ("a = 1\nf.apply_async((1,), eta=a)\n", "a = 1\nf.send_with_options(args=(1,), delay=ms(a))\n"),
    "expires": ("f.apply_async((1,), expires=0.5)\n", "f.send_with_options(args=(1,), max_age=500)\n"),
    "expires from a name": ("a = 1\nf.apply_async((1,), expires=a)\n", "a = 1\nf.send_with_options(args=(1,), max_age=max_age(a))\n"),
    "own queue": ("g.apply_async((1,), queue='slow')\n", "g.send_with_options(args=(1,))\n"),
    "default queue": ("f.apply_async((1,), queue='celery', countdown=1)\n", "f.send_with_options(args=(1,), delay=1000)\n"),
    "moot": ("f.apply_async((1,), ignore_result=True, serializer='json')\n", "f.send_with_options(args=(1,))\n"),
    "other queue": (
        "f.apply_async((1,), queue='slow')\n",
        'broker.enqueue(f.message_with_options(args=(1,)).copy(queue_name="slow"))\n',
    ),
    "other queue first": (
        "f.apply_async(queue='slow', args=[1])\n",
        'broker.enqueue(f.message_with_options(args=(1,)).copy(queue_name="slow"))\n',
    ),
    "other queue and delay": (
        "a = 1\nf.apply_async((1,), countdown=a, queue='slow', expires=60)\n",
        'a = 1\nbroker.enqueue(f.message_with_options(args=(1,), max_age=60_000).copy(queue_name="slow"), delay=ms(a))\n',
    ),
    "other queue alone": (
        "f.apply_async(queue='slow')\n",
        'broker.enqueue(f.message_with_options().copy(queue_name="slow"))\n',
    ),
    "lines of their own": (
        "f.apply_async(\n    args=[\n        1,\n    ],\n    countdown=60,  # a minute\n    queue='celery',\n)\n",
        "f.send_with_options(\n    args=(\n        1,\n    ),\n    delay=60_000,  # a minute\n)\n",
    ),
    "signature sent": ("f.s(1, y=2).delay()\n", "broker.enqueue(f.message(1, y=2))\n"),
    "signature with delay": ("f.si(1).apply_async(countdown=1)\n", "broker.enqueue(f.message(1), delay=1000)\n"),
    "inline": ("f(1)\n", None),
    "name": ("print(f.name)\n", "print(f.actor_name)\n"),
    "function": ("print(f.run(1))\n", "print(f.fn(1))\n"),
    "id": ("print(f.delay(1).id)\n", "print(f.send(1).message_id)\n"),
    "id of a variable": (
        "def view():\n    job = f.delay(1)\n    return {'id': job.id, 'again': job.task_id}\n",
        "def view():\n    job = f.send(1)\n    return {'id': job.message_id, 'again': job.message_id}\n",
    ),
    "in a comprehension": ("[f.delay(n) for n in range(3)]\n", "[f.send(n) for n in range(3)]\n"),
    "under a condition": ("True and f.delay(1)\n", "True and f.send(1)\n"),
    "sent with what another returns": ("f.delay(g(1))\n", "f.send(g(1))\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(tmp_path: Path, form: str) -> None:
    before, after = FORMS[form]
    if after is None:
        moved = move(tmp_path, {"shop/jobs.py": JOBS, "shop/views.py": f"from shop.jobs import f\n\n\n{before}"})
        assert "shop/views.py" not in moved.files
    else:
        sent(tmp_path, before, after)


IMPORTS = {
    "module": ("from shop import jobs\n", "jobs.f.delay(1)\n", "jobs.f.send(1)\n"),
    "dotted": ("import shop.jobs\n", "shop.jobs.f.delay(1)\n", "shop.jobs.f.send(1)\n"),
    "module alias": ("import shop.jobs as j\n", "j.f.delay(1)\n", "j.f.send(1)\n"),
    "alias": ("from shop.jobs import f as _f\n", "_f.delay(1)\n", "_f.send(1)\n"),
    "relative": ("from .jobs import f\n", "f.delay(1)\n", "f.send(1)\n"),
    "star": ("from shop.jobs import *\n", "f.delay(1)\n", "f.send(1)\n"),
    "in a function": (
        "import os\n",
        "def v():\n    from shop.jobs import f\n\n    f.delay(1)\n",
        "def v():\n    from shop.jobs import f\n\n    f.send(1)\n",
    ),
}


@pytest.mark.parametrize("form", IMPORTS)
def test_imports(tmp_path: Path, form: str) -> None:
    lines, before, after = IMPORTS[form]
    sent(tmp_path, before, after, lines=lines)


def test_re_exported_by_a_package(tmp_path: Path) -> None:
    files = {
        "shop/jobs.py": JOBS,
        "shop/__init__.py": "from shop.jobs import f as send_it\n",
        "shop/views.py": "from shop import send_it\n\nsend_it.delay(1)\n",
    }
    moved = move(tmp_path, files)
    assert moved.files["shop/views.py"] == "from shop import send_it\n\nsend_it.send(1)\n"


def test_helpers_are_imported_where_they_are_used(tmp_path: Path) -> None:
    files = {
        "shop/jobs.py": JOBS,
        "shop/views.py": "import os\n\nimport requests\n\nfrom shop.jobs import f\n\nf.apply_async((1,), countdown=os.x)\n",
    }
    moved = move(tmp_path, files)
    assert moved.files["shop/views.py"] == (
        "import os\n\nimport requests\n\nfrom shop.dramatiq_app import ms\nfrom shop.jobs import f\n\n"
        "f.send_with_options(args=(1,), delay=ms(os.x))\n"
    )


def test_queues_of_single_calls_are_declared(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOBS, "shop/views.py": "from shop.jobs import f\n\nf.apply_async(queue='rare')\n"})
    assert 'for queue in ("rare",):\n    broker.declare_queue(queue)\n' in moved.generated["shop/dramatiq_app.py"]


def test_by_name(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "shop/jobs.py": JOBS.replace(", expires=60", ""),
            "shop/views.py": """
            from shop.app import app

            app.send_task("shop.jobs.f", args=[1], kwargs={"y": 2})
            app.send_task("shop.jobs.g", (1,), countdown=3)
            app.send_task("shop.jobs.f", queue="slow", expires=9)
            app.send_task(name="shop.jobs.f", kwargs=None)
            """,
        },
    )
    assert moved.files["shop/views.py"].split("\n\n", 2)[2] == (
        'broker.enqueue(dramatiq.Message(queue_name="default", actor_name="shop.jobs.f", args=(1,), kwargs={"y": 2}, options={}))\n'
        # `send_task` does not look at the task's own queue, so this one goes to the default queue, as before
        'broker.enqueue(dramatiq.Message(queue_name="default", actor_name="shop.jobs.g", args=(1,), kwargs={}, options={}), delay=3000)\n'
        'broker.enqueue(dramatiq.Message(queue_name="slow", actor_name="shop.jobs.f", args=(), kwargs={}, options={"max_age": 9000}))\n'
        'broker.enqueue(dramatiq.Message(queue_name="default", actor_name="shop.jobs.f", kwargs={}, args=(), options={}))\n'
    )
    assert moved.changes.removed_files == ("shop/app.py",)


HANDED_ON = {
    "value": ("hooks = []\nhooks.append(f.delay)\n", "hooks = []\nhooks.append(f.send)\n"),
    "partial": ("from functools import partial\n\npartial(f.delay, 1)()\n", "from functools import partial\n\npartial(f.send, 1)()\n"),
    "lambda": ("go = print\ngo(lambda: f.delay(1))\n", "go = print\ngo(lambda: f.send(1))\n"),
}


@pytest.mark.parametrize("form", HANDED_ON)
def test_what_is_handed_on_needs_unsafe(tmp_path: Path, form: str) -> None:
    before, after = HANDED_ON[form]
    files = {"shop/jobs.py": JOBS, "shop/views.py": f"from shop.jobs import f\n\n\n{before}"}
    moved = move(tmp_path / "safe", files)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe left", "shop.jobs.g": "safe rewritten"}
    assert "shop/views.py" not in moved.files
    moved = move(tmp_path / "unsafe", files, unsafe=True)
    assert moved.files["shop/views.py"].endswith(after)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe rewritten", "shop.jobs.g": "safe rewritten"} or "f" in str(moved.outcomes())


def test_after_a_commit_nobody_looks_at_the_result(tmp_path: Path) -> None:
    sent(
        tmp_path,
        "transaction.on_commit(lambda: f.delay(1))\ntransaction.on_commit(partial(f.delay, 1))\ntransaction.on_commit(f.delay)\n",
        "transaction.on_commit(lambda: f.send(1))\ntransaction.on_commit(partial(f.send, 1))\ntransaction.on_commit(f.send)\n",
        lines="from functools import partial\n\nfrom django.db import transaction\n\nfrom shop.jobs import f, g\n",
    )


LEFT = {
    "priority": ("f.apply_async((1,), priority=9)", "MIG121"),
    "link": ("f.apply_async((1,), link=None)", "MIG121"),
    "id": ("f.apply_async((1,), task_id='a')", "MIG121"),
    "third positional": ("f.apply_async((1,), {}, 'id')", "MIG121"),
    "unpacked": ("f.apply_async(**{})", "MIG121"),
    "moment and countdown": ("f.apply_async(eta=1, countdown=1)", "MIG121"),
    "queue from elsewhere": ("f.apply_async(queue=input())", "MIG120"),
    "expired at once": ("f.apply_async(expires=0)", "MIG122"),
    "result waited for": ("f.delay(1).get()", "MIG125"),
    "result kept": ("results = [f.delay(1)]", "MIG125"),
    "result in a string": ("print(f'{f.delay(1)}')", "MIG125"),
    "result returned": ("def v():\n    return f.delay(1)", "MIG125"),
    "result of a variable": ("def v():\n    job = f.delay(1)\n    job.get()", "MIG125"),
    "result of two variables": ("def v():\n    job = 1\n    job = f.delay(1)\n    return job.id", "MIG125"),
    "global variable": ("job = f.delay(1)\nprint(job.id)", "MIG125"),
    "stored": ("TABLE = {'f': f}", "MIG127"),
    "passed": ("print(f)", "MIG127"),
    "looked up": ("import shop.jobs\n\ngetattr(shop.jobs, input()).delay(1)", "MIG126"),
    "apply": ("f.apply((1,))", "MIG127"),
    "map": ("f.map([1])", "MIG127"),
    "chunks": ("f.chunks([1], 2)()", "MIG127"),
    "attribute set": ("f.rate_limit = 1", "MIG127"),
    "name set": ("f.name = 'x'", "MIG127"),
    "signature kept": ("later = f.s(1)", "MIG124"),
    "signature called": ("f.s(1)()", "MIG124"),
    "signature with options": ("f.s(1).set(queue='a').delay()", "MIG124"),
    "apply_async handed on": ("print(f.apply_async)", "MIG127"),
    "name rebound": ("try:\n    from shop.other import f\nexcept ImportError:\n    pass\nf.delay(1)", "MIG127"),
    "name in a string": ("import_string('shop.jobs.f')", "MIG128"),
    "patched application": ("import mock\n\nmock.patch('shop.jobs.f.apply_async')", "MIG128"),
    "module loaded by name": ("import importlib\n\nm = importlib.import_module('shop.jobs')", "MIG126"),
}


@pytest.mark.parametrize("form", LEFT)
def test_left_to_a_person(tmp_path: Path, form: str) -> None:
    before, trap = LEFT[form]
    files = {
        "shop/jobs.py": "from celery import shared_task\n\n\n@shared_task\ndef f(x=None):\n    print(x)\n",
        "shop/views.py": f"from shop.jobs import f\n\n{before}\n",
    }
    check_left(tmp_path, files, trap, unsafe=True)


def test_names_that_only_the_run_knows_keep_every_job(tmp_path: Path) -> None:
    files = {"shop/jobs.py": JOBS, "shop/views.py": "from shop.app import app\n\n\ndef v(name):\n    app.send_task(name)\n"}
    moved = check_left(tmp_path, files, "MIG126")
    assert set(moved.outcomes().values()) == {"manual left"}


def test_ids_that_are_looked_up_keep_the_jobs_they_belong_to(tmp_path: Path) -> None:
    files = {
        "shop/jobs.py": JOBS,
        "shop/views.py": "from shop.jobs import f, g\n\n\ndef v():\n    g.delay(1)\n    return f.delay(1).id\n",
        "shop/poll.py": "from celery.result import AsyncResult\n\n\ndef p(id):\n    return AsyncResult(id).state\n",
    }
    moved = move(tmp_path, files)
    assert moved.outcomes() == {"shop.jobs.f": "manual left", "shop.jobs.g": "safe rewritten"}
    assert "f.delay(1).id" in moved.files["shop/views.py"]
    assert "g.send(1)" in moved.files["shop/views.py"]


def test_a_patched_delay_is_followed(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "shop/jobs.py": JOBS,
            "tests/test_f.py": "from unittest.mock import patch\n\n\n@patch('shop.jobs.f.delay')\ndef test(mock):\n    pass\n",
        },
    )
    assert "@patch('shop.jobs.f.send')" in moved.files["tests/test_f.py"]


def test_a_job_named_in_another_kind_of_file_stays(tmp_path: Path) -> None:
    files = {
        "shop/jobs.py": "from celery import shared_task\n\n\n@shared_task\ndef f(x=None):\n    print(x)\n",
        "fixtures/rows.json": '[{"task": "shop.jobs.f"}]\n',
    }
    check_left(tmp_path, files, "MIG128")


LOOK_ALIKES = """
from datetime import timedelta

from shop.things import batch, queryset


class Outbox:
    def delay(self, seconds):
        return timedelta(seconds=seconds)

    def apply_async(self, args, countdown=0):
        return args

    def s(self):
        return self

    def retry(self, exc=None, countdown=1):
        return countdown


def send(task, outbox, f):
    queryset.delay(3)
    batch.apply_async((1,), countdown=3)
    Outbox().delay(3)
    outbox.s().delay(1)
    f.delay(1)
    f.retry(countdown=3)
    chain = [outbox.s() | outbox.s()]
    return chain, task.request.retries, self.delay(1)


delay = Outbox().delay
delay(3)
"""


def test_look_alikes_are_left_alone(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOBS, "shop/views.py": LOOK_ALIKES})
    assert "shop/views.py" not in moved.files
    assert set(moved.outcomes().values()) == {"safe rewritten"}
