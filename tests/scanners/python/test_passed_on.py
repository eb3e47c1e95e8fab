"""Methods that are handed on: what runs after the commit is as sure as a call, anything else may never be called."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, literal_of

_BEFORE = "from functools import partial\nfrom django.db import transaction\n"
#: system -> (a task `send`, its method)
TASKS = {
    "celery": ("from celery import shared_task\n@shared_task\ndef send(a, b): ...\n", "delay"),
    "dramatiq": ("import dramatiq\n@dramatiq.actor\ndef send(a, b): ...\n", "send"),
    "django-tasks": ("from django.tasks import task\n@task\ndef send(a, b): ...\n", "enqueue"),
    "procrastinate": ("import procrastinate\napp = procrastinate.App(connector=c)\n@app.task\ndef send(a, b): ...\n", "defer"),
    "taskiq": ("from taskiq import InMemoryBroker\nbroker = InMemoryBroker()\n@broker.task\nasync def send(a, b): ...\n", "kiq"),
    "rq": ("from django_rq import job\n@job\ndef send(a, b): ...\n", "delay"),
}


@pytest.mark.parametrize("system", TASKS)
@pytest.mark.parametrize(
    ("line", "given", "confidence"),
    [
        ("transaction.on_commit(partial(send.{m}, 1, 2))", [1, 2], "certain"),
        ("transaction.on_commit(send.{m})", [], "certain"),
        ("transaction.on_commit(partial(send.{m}, 1, 2), using='x', robust=True)", [1, 2], "certain"),
        ("signal.connect(partial(send.{m}, 1, 2))", [1, 2], "likely"),
        ("later = partial(send.{m}, 1, 2)", [1, 2], "likely"),
        ("transaction.on_commit(register(send.{m}))", [], "likely"),
    ],
)
def test_what_is_handed_on(scan_tree, system: str, line: str, given: list[int], confidence: str) -> None:
    task, method = TASKS[system]
    found = scan_tree({"tasks.py": f"{_BEFORE}{task}def go():\n    {line.format(m=method)}\n"})
    (enqueue,) = [e for e in found.of(Enqueue) if not e.wrapper]
    assert (enqueue.system, enqueue.confidence) == (system, confidence)
    assert enqueue.name.endswith("send")
    assert [literal_of(a.value) for a in enqueue.arguments] == given
    assert bool(enqueue.reason) == (confidence == "likely")
