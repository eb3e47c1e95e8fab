"""Jobs that nothing starts, and the ways to start one that are easily overlooked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

TASKS = (
    "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n\n@shared_task\ndef clean(): ...\n\n"
    "@shared_task\ndef count(): ...\n"
)
BY_NAME = "from celery import current_app as app\nfrom tasks"
WEB = "from tasks import clean, count, send\n\ndef join(user):\n    send.delay(user)\n    count.delay()\nMORE"
QUEUES = (
    'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\nnew Worker("mail", async (job) => send(job.data));\n'
    'new Worker("sms", async (job) => text(job.data));\n'
)

FORMS: dict[str, tuple[Mapping[str, str], str]] = {
    "one that is imported alone": ({"web.py": WEB.replace("MORE", "")}, "fail"),
    "one that is called as a function": ({"web.py": WEB.replace("MORE", "    clean()\n")}, "pass"),
    "one in a chain": ({"web.py": WEB.replace("MORE", "    (send.s(user) | clean.si()).delay()\n")}, "pass"),
    "one that is handed on": ({"web.py": WEB.replace("MORE", "    run_later(clean)\n")}, "pass"),
    "one by its name": (
        {
            "web.py": WEB.replace("MORE", "    app.send_task('tasks.clean')\n").replace(
                "from tasks", "from celery import current_app as app\nfrom tasks"
            )
        },
        "pass",
    ),
    "one in the schedule": (
        {"web.py": WEB.replace("MORE", ""), "settings.py": "CELERY_BEAT_SCHEDULE = {'x': {'task': 'tasks.clean', 'schedule': 60}}\n"},
        "pass",
    ),
    "one that only a test starts": (
        {"web.py": WEB.replace("MORE", ""), "tests/test_x.py": "from tasks import clean\n\ndef test():\n    clean.delay()\n"},
        "fail",
    ),
    "schedules in a database": (
        {"web.py": WEB.replace("MORE", ""), "requirements.txt": "celery==5.4\ndjango-celery-beat==2.7\n"},
        "unknown",
    ),
    "names that only the run tells": (
        {"web.py": "from celery import current_app as app\n" + WEB.replace("MORE", "    app.send_task(user.job)\n")},
        "unknown",
    ),
    "most of them": ({"web.py": "from tasks import send\n\ndef join(user):\n    send.delay(user)\n"}, "unknown"),
    "no enqueue at all": ({}, "unknown"),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_starts_a_job(tmp_path: Path, form: str) -> None:
    files, state = FORMS[form]
    assert became(tmp_path, {"tasks.py": TASKS, **files}) == state


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ('mails.add("welcome", {});\n', "fail"),
        ('mails.add("welcome", {});\nnew Queue("sms").add("code", {});\n', "pass"),
        ('mails.add("welcome", {});\nexport const put = (name: string) => new Queue(name).add("x", {});\n', "unknown"),
        ("", "unknown"),
    ],
)
def test_what_feeds_a_queue(tmp_path: Path, more: str, state: str) -> None:
    assert became(tmp_path, {"mail.ts": QUEUES + more}) == state


def became(folder: Path, files: Mapping[str, str]) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=["JOB902"]).checks
    return found.state
