"""Changes that belong together, and those that are whole by themselves or cannot be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_PACKAGE = '{"dependencies": {"bullmq": "^5", "@prisma/client": "^6", "drizzle-orm": "^0.40"}}'
_HEAD = (
    'import { Worker } from "bullmq";\nimport axios from "axios";\nimport { db } from "./db";\n'
    'new Worker("m", async (job) => {\n  BODY\n});\n'
)
_SCORE, _LOG = "await db.client.update({ where: { id }, data: { n } });", "await db.log.create({ data: { n } });"
_TASK = (
    "from celery import shared_task\nfrom django.db import transaction\nfrom models import Client, Log\n\n"
    "@shared_task\ndef f(pk):\n    BODY\n"
)
_ROWS = "Client.objects.filter(pk=pk).update(n=1)\n    Log.objects.create(n=1)"


def worker(body: str) -> dict[str, str]:
    return {"package.json": _PACKAGE, "a.ts": _HEAD.replace("BODY", body)}


def task(body: str) -> dict[str, str]:
    return {"requirements.txt": "celery\ndjango\n", "t.py": _TASK.replace("BODY", body)}


CASES = {
    "one after the other": ("fail", worker(_SCORE + _LOG)),
    "in a loop": ("fail", worker(f"for (const id of ids) {{ {_SCORE} {_LOG} }}")),
    "in a function that is called": (
        "fail",
        worker("await both(job.data.id);\n});\nasync function both(id: string) { " + _SCORE + _LOG + " }\n({"),
    ),
    "in a transaction": ("pass", worker(f"await db.$transaction(async (tx) => {{ {(_SCORE + _LOG).replace('db.', 'tx.')} }});")),
    "a list in a transaction": (
        "pass",
        worker("await db.$transaction([db.client.update({ where: { id }, data: {} }), db.log.create({ data: {} })]);"),
    ),
    "in a function that a transaction calls": (
        "pass",
        worker(
            "await db.$transaction(async (c) => both(c));\n});\nasync function both(c: any) { "
            + (_SCORE + _LOG).replace("db.", "c.")
            + " }\n({"
        ),
    ),
    "one change": ("not-applicable", worker(_SCORE)),
    "one table": ("not-applicable", worker("await db.log.create({ data: {} }); await db.log.update({ where: { id }, data: {} });")),
    "around another service": ("not-applicable", worker(_SCORE + " await axios.post(url); " + _LOG)),
    "in branches": ("not-applicable", worker(f"if (a) {{ {_SCORE} }} else {{ {_LOG} }}")),
    "after a failure": ("not-applicable", worker(f"try {{ {_SCORE} }} catch {{ {_LOG} }}")),
    "two removals": ("not-applicable", worker("await db.a.deleteMany({ where: { x } }); await db.b.deleteMany({ where: { x } });")),
    "what is the same again": ("not-applicable", worker(_SCORE + " await db.insert(logs).values({ n }).onConflictDoNothing();")),
    "a map": ("not-applicable", worker("seen.delete(x); all.update({ data: 1 });")),
    "Django": ("fail", task(_ROWS)),
    "Django, all or nothing": ("pass", task("with transaction.atomic():\n        " + _ROWS.replace("\n    ", "\n        "))),
    "Django, in a function that is all or nothing": (
        "pass",
        {
            "requirements.txt": "celery\ndjango\n",
            "t.py": _TASK.replace("BODY", _ROWS).replace("@shared_task\n", "@shared_task\n@transaction.atomic\n"),
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, files = CASES[case]
    assert became(tmp_path, "JOB110", files).state == state
