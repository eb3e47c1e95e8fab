"""Bound tasks: what the body asks of its own task."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import check, check_left

BEFORE = "from celery import shared_task\n\n\n@shared_task(bind=True{options})\ndef f(self, x):\n{body}\n"
AFTER = "import dramatiq\n\nfrom shop.dramatiq_app import {names}\n\n\n{actor}\ndef f(x):\n{body}\n"


def actor(options: str) -> str:
    line = f'@dramatiq.actor(actor_name="shop.jobs.f", queue_name="default", {options})'
    if len(line) > 120:
        parts = ['actor_name="shop.jobs.f"', 'queue_name="default"', *options.split(", ")]
        line = "@dramatiq.actor(\n" + "".join(f"    {part},\n" for part in parts) + ")"
    return line


ASKS = "max_retries=3, retry_when=asked, time_limit=NO_LIMIT"
#: form -> (more options, body before, body after, imported names, options of the actor)
FORMS = {
    "unused": ("", "print(x)", "print(x)", "NO_LIMIT", "max_retries=0, time_limit=NO_LIMIT"),
    "raise with error and countdown": (
        "",
        "try:\n    print(x)\nexcept OSError as exc:\n    raise self.retry(exc=exc, countdown=60)",
        "try:\n    print(x)\nexcept OSError as exc:\n    raise retry(f, exc=exc, delay=60_000)",
        "NO_LIMIT, asked, retry",
        ASKS,
    ),
    "default delay": ("", "self.retry()", "retry(f, delay=180_000)", "NO_LIMIT, asked, retry", ASKS),
    "own default delay": (
        ", default_retry_delay=1.5, max_retries=None",
        "self.retry(exc=ValueError())",
        "retry(f, exc=ValueError(), delay=1500)",
        "NO_LIMIT, asked, retry",
        "max_retries=None, retry_when=asked, time_limit=NO_LIMIT",
    ),
    "return": ("", "return self.retry(countdown=0)", "return retry(f, delay=0)", "NO_LIMIT, asked, retry", ASKS),
    "arithmetic": (
        "",
        "raise self.retry(countdown=2 ** self.request.retries)",
        "raise retry(f, delay=ms(2 ** retries(f)))",
        "NO_LIMIT, asked, ms, retries, retry",
        ASKS,
    ),
    "a delay that may be None": (
        ", default_retry_delay=7",
        "raise self.retry(countdown=x)",
        "raise retry(f, delay=ms(x, 7000))",
        "NO_LIMIT, asked, ms, retry",
        ASKS,
    ),
    "lines of their own": (
        "",
        "self.retry(\n    exc=OSError(),\n    countdown=5,  # later\n)",
        "retry(\n    f,\n    exc=OSError(),\n    delay=5000,  # later\n)",
        "NO_LIMIT, asked, retry",
        ASKS,
    ),
    "exhausted": (
        "",
        "try:\n    self.retry(countdown=1)\nexcept self.MaxRetriesExceededError:\n    print(x)",
        "try:\n    retry(f, delay=1000)\nexcept RetriesExhausted:\n    print(x)",
        "NO_LIMIT, RetriesExhausted, asked, retry",
        ASKS,
    ),
    "limit": (
        "",
        "if self.request.retries < self.max_retries:\n    self.retry(countdown=1)",
        'if retries(f) < f.options["max_retries"]:\n    retry(f, delay=1000)',
        "NO_LIMIT, asked, retries, retry",
        ASKS,
    ),
    "id and name": (
        "",
        "print(self.request.id, self.name)",
        "print(message_id(f), f.actor_name)",
        "NO_LIMIT, message_id",
        "max_retries=0, time_limit=NO_LIMIT",
    ),
    "request shown in a text": (
        "",
        'print(f"Request: {self.request!r}")',
        'print(f"Request: {current_message(f)!r}")',
        "NO_LIMIT, current_message",
        "max_retries=0, time_limit=NO_LIMIT",
    ),
    "request shown by old ways": (
        "",
        'print("Request: {0!r}".format(self.request))\nlog.info("%s", self.request)\nprint("%r" % self.request)',
        'print("Request: {0!r}".format(current_message(f)))\nlog.info("%s", current_message(f))\nprint("%r" % current_message(f))',
        "NO_LIMIT, current_message",
        "max_retries=0, time_limit=NO_LIMIT",
    ),
    "in a function of the body": (
        "",
        "def later():\n    raise self.retry(countdown=1)\n\nlater()",
        "def later():\n    raise retry(f, delay=1000)\n\nlater()",
        "NO_LIMIT, asked, retry",
        ASKS,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_bodies(tmp_path: Path, form: str) -> None:
    options, before, after, names, written = FORMS[form]
    check(
        tmp_path,
        BEFORE.format(options=options, body=indent(before, "    ")),
        AFTER.format(names=names, actor=actor(written), body=indent(after, "    ")),
    )


def test_a_task_that_retries_itself_by_its_own_name(tmp_path: Path) -> None:
    before = """
    from celery import shared_task
    from celery.exceptions import MaxRetriesExceededError


    @shared_task
    def f(x):
        try:
            f.retry(countdown=3)
        except MaxRetriesExceededError:
            print(f.request.retries)
    """
    after = f"""
    import dramatiq

    from shop.dramatiq_app import NO_LIMIT, RetriesExhausted, asked, retries, retry


    {actor(ASKS)}
    def f(x):
        try:
            retry(f, delay=3000)
        except RetriesExhausted:
            print(retries(f))
    """
    check(tmp_path, before, after)


LEFT = {
    "other arguments": ("self.retry(args=(x,))", "MIG101"),
    "moment": ("self.retry(eta=x)", "MIG101"),
    "own limit": ("self.retry(max_retries=9)", "MIG101"),
    "goes on": ("self.retry(throw=False)", "MIG101"),
    "positional": ("self.retry((x,))", "MIG101"),
    "unpacked": ("self.retry(**x)", "MIG101"),
    "handed on": ("x(self.retry)", "MIG101"),
    "state": ("self.update_state(state='HALF')", "MIG109"),
    "replaced": ("self.replace(x)", "MIG109"),
    "request handed on": ("x(self.request)", "MIG109"),
    "request in a text that is used": ('x(f"{self.request!r}")', "MIG109"),
    "request asked for something": ('print(f"{self.request.hostname}")', "MIG109"),
    "request that a function shows": ("print(x(self.request))", "MIG109"),
    "request's other parts": ("print(self.request.hostname)", "MIG109"),
    "request written": ("self.request.retries = 0", "MIG109"),
    "itself handed on": ("x(self)", "MIG109"),
    "its application": ("self.app.control.ping()", "MIG109"),
    "limit of one that never retries": ("print(self.max_retries)", "MIG109"),
    "its name is something else": ("f = x\nself.retry()", "MIG109"),
}


@pytest.mark.parametrize("form", LEFT)
def test_left_to_a_person(tmp_path: Path, form: str) -> None:
    body, trap = LEFT[form]
    check_left(tmp_path, BEFORE.format(options="", body=indent(body, "    ")), trap, unsafe=True)


def test_the_task_as_a_star_parameter_is_left(tmp_path: Path) -> None:
    check_left(tmp_path, "from celery import shared_task\n\n\n@shared_task(bind=True)\ndef f(*args):\n    print(args)\n", "MIG109")


def test_the_current_task_is_left(tmp_path: Path) -> None:
    before = """
    from celery import current_task, shared_task


    @shared_task
    def f(x):
        print(current_task.request.id)
    """
    check_left(tmp_path, before, "MIG109")


def test_celerys_own_exceptions_are_left(tmp_path: Path) -> None:
    before = """
    from celery import shared_task
    from celery.exceptions import Ignore


    @shared_task
    def f(x):
        raise Ignore()
    """
    check_left(tmp_path, before, "MIG156")


def test_the_main_thread_is_asked_for(tmp_path: Path) -> None:
    before = """
    import asyncio

    from celery import shared_task


    @shared_task
    def f(x):
        asyncio.get_event_loop().run_until_complete(x)
    """
    check_left(tmp_path, before, "MIG116")
