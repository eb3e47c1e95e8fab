"""Rules about where work is sent: what they do not know they call unknown, and what only looks wrong they let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_BULL = 'import { Queue, Worker } from "bullmq";\n'
_CELERY = 'from celery import Celery\napp = Celery("shop")\n\n@app.task\ndef send(to): ...\n'

CASES = {
    "no worker at all: it may be elsewhere": (
        "JOB901",
        "unknown",
        {"a.ts": _BULL + 'const q = new Queue("mail");\nawait q.add("x", {});\n'},
    ),
    "a worker whose queue only the run tells": (
        "JOB901",
        "unknown",
        {"a.ts": _BULL + 'const q = new Queue("mail");\nawait q.add("x", {});\nnew Worker(process.argv[2], async () => {});\n'},
    ),
    "send_task to another service": (
        "JOB901",
        "unknown",
        {"shop/tasks.py": _CELERY, "web.py": 'from shop.tasks import app\napp.send_task("billing.charge")\n'},
    ),
    "send_task into a module that is here": (
        "JOB901",
        "fail",
        {"shop/tasks.py": _CELERY, "web.py": 'from shop.tasks import app\napp.send_task("shop.tasks.charge")\n'},
    ),
    "the process starts in a folder of the repository": (
        "JOB901",
        "pass",
        {"backend/shop/tasks.py": _CELERY, "web.py": 'from backend.shop.tasks import app\napp.send_task("shop.tasks.send")\n'},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
