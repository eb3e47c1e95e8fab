"""Rules about what jobs are given: what only looks odd they let pass, and what a setting decides they call unknown if it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan
from tests.rules.test_examples import became

_QUEUE = 'import { Queue, Worker } from "bullmq";\nconst q = new Queue("mail", { connection: { host: "redis" } });\n'
_CELERY = "import datetime, uuid\nfrom celery import Celery\nfrom django.db import models\n\napp = Celery('shop')\n\n\n"
_MODEL = "class Order(models.Model):\n    paid = models.BooleanField()\n\n\n@app.task\ndef ship(order): ...\n\n\n"
_PRISMA = 'import { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'


def _add(given: str, more: str = "", before: str = "") -> dict[str, str]:
    return {"a.ts": before + _QUEUE + f'export const f = async (a: any) => q.add("x", {given});\n' + more}


def _delay(given: str, settings: str = "", before: str = "") -> dict[str, str]:
    return {"tasks.py": _CELERY + settings + _MODEL + f"def pay(number, request):\n{before}    ship.delay({given})\n"}


CASES = {
    # JOB501
    "a row": ("JOB501", "fail", _delay("Order.objects.get(pk=number)")),
    "all rows": ("JOB501", "fail", _delay("Order.objects.filter(paid=False)")),
    "a row that was made": ("JOB501", "fail", _delay("order", before="    order = Order(paid=True)\n")),
    "the id of a row": ("JOB501", "pass", _delay("Order.objects.get(pk=number).pk")),
    "ids": ("JOB501", "pass", _delay("list(Order.objects.values_list('id', flat=True))")),
    "a method of the class": ("JOB501", "pass", _delay("Order.describe()")),
    "a choice of the model": (
        "JOB501",
        "pass",
        {
            "tasks.py": _CELERY
            + _MODEL
            + "class Kind(models.TextChoices):\n    A = 'a'\n\n\ndef pay(kind: Kind):\n    ship.delay(kind)\n    ship.delay(Kind.A)\n"
        },
    ),
    "a pickled row": ("JOB501", "fail", _delay("Order.objects.get(pk=number)", settings="app.conf.task_serializer = 'pickle'\n\n\n")),
    "a serializer that only the run tells": (
        "JOB501",
        "unknown",
        _delay("Order.objects.get(pk=number)", settings="import os\napp.conf.task_serializer = os.environ['S']\n\n\n"),
    ),
    "a record of Prisma": ("JOB501", "fail", _add("await db.user.findUnique({ where: { id: a } })", before=_PRISMA)),
    "fields that are asked for": (
        "JOB501",
        "pass",
        _add("await db.user.findUnique({ where: { id: a }, select: { id: true } })", before=_PRISMA),
    ),
    "how many rows there are": ("JOB501", "pass", _add("{ n: await db.user.count() }", before=_PRISMA)),
    # JOB502
    "a moment": ("JOB502", "fail", _add("{ at: new Date() }")),
    "a moment as text": ("JOB502", "pass", _add("{ at: new Date().toISOString() }")),
    "a moment as a number": ("JOB502", "pass", _add("{ at: Date.now() }")),
    "a moment that the job makes again": (
        "JOB502",
        "pass",
        _add("{ at: new Date() }", 'new Worker("mail", async (job) => note(new Date(job.data.at)));\n'),
    ),
    "a moment that a schema makes again": (
        "JOB502",
        "pass",
        _add("{ at: new Date() }", "", 'import { z } from "zod";\nexport const schema = z.object({ at: z.coerce.date() });\n'),
    ),
    "a moment that is part of a text": ("JOB502", "pass", _add("{ at: `${new Date()}` }")),
    "a map within": ("JOB502", "fail", _add("{ a: { b: new Map() } }")),
    "what a map has": ("JOB502", "pass", _add("{ a: [...new Map()] }")),
    "a big number": ("JOB502", "fail", _add("{ n: 10n }")),
    "a big number as text": ("JOB502", "pass", _add("{ n: (10n).toString() }")),
    "bytes": ("JOB502", "fail", _add('{ file: Buffer.from("x") }')),
    "bytes as text": ("JOB502", "pass", _add('{ file: Buffer.from("x").toString("base64") }')),
    "an object of a class": ("JOB502", "fail", _add("{ a: new Mail() }", "class Mail {\n  send() {}\n}\n")),
    "an object of a type": ("JOB502", "pass", {"a.ts": _QUEUE + 'class Mail {}\nexport const f = (m: Mail) => q.add("x", m);\n'}),
    "what the options hold": ("JOB502", "pass", _add("{ a: 1 }, { delay: 5, timestamp: new Date() }")),
    "a moment for Celery": ("JOB502", "pass", _delay("datetime.datetime.now()")),
    "a UUID for Celery": ("JOB502", "pass", _delay("uuid.uuid4()")),
    "a set for Celery": ("JOB502", "fail", _delay("{1, 2}")),
    "a span for Celery": ("JOB502", "fail", _delay("datetime.timedelta(days=1)")),
    "a set that is pickled": ("JOB502", "pass", _delay("{1, 2}", settings="app.conf.task_serializer = 'pickle'\n\n\n")),
    "a type that is taught": (
        "JOB502",
        "unknown",
        _delay("{1, 2}", settings="from kombu.utils.json import register_type\nregister_type(set, 'set', list, set)\n\n\n"),
    ),
    "a UUID for Dramatiq": (
        "JOB502",
        "fail",
        {"a.py": "import uuid\nimport dramatiq\n\n\n@dramatiq.actor\ndef ship(x): ...\n\n\ndef f():\n    ship.send(uuid.uuid4())\n"},
    ),
    "a UUID for RQ": (
        "JOB502",
        "pass",
        {"a.py": "import uuid\nfrom rq import Queue\n\n\ndef ship(x): ...\n\n\nQueue().enqueue(ship, uuid.uuid4())\n"},
    ),
    "a UUID of JavaScript": ("JOB502", "pass", _add("{ id: v4() }", before='import { v4 } from "uuid";\n')),
    # JOB503
    "a file": ("JOB503", "fail", _add('{ body: fs.readFileSync("a") }', before='import fs from "fs";\n')),
    "the name of a file": ("JOB503", "pass", _add('{ body: "a.pdf" }', before='import fs from "fs";\n')),
    "how large a file is": ("JOB503", "pass", _add('{ size: fs.readFileSync("a").length }', before='import fs from "fs";\n')),
    "rows of Prisma": ("JOB503", "fail", _add("{ users: await db.user.findMany() }", before=_PRISMA)),
    "some rows of Prisma": ("JOB503", "pass", _add("{ users: await db.user.findMany({ take: 5 }) }", before=_PRISMA)),
    "rows of one thing": ("JOB503", "pass", _add("{ lines: await db.line.findMany({ where: { orderId: a } }) }", before=_PRISMA)),
    "a job for each row": (
        "JOB503",
        "pass",
        {"a.ts": _PRISMA + _QUEUE + 'await q.addBulk((await db.user.findMany()).map((u) => ({ name: "x", data: { id: u.id } })));\n'},
    ),
    "all ids of a table": ("JOB503", "fail", _delay("list(Order.objects.values_list('id', flat=True))")),
    "ids that were asked for": ("JOB503", "pass", _delay("list(Order.objects.filter(pk__in=number).values_list('id', flat=True))")),
    "ids of what belongs to one thing": ("JOB503", "pass", _delay("list(number.lines.values_list('id', flat=True))")),
    # JOB504
    "a password": ("JOB504", "fail", _add("{ password: a.password }")),
    "a password under another name": ("JOB504", "pass", _add("{ value: a.value }")),
    "a password that is encrypted": ("JOB504", "pass", _add("{ password: encrypt(a.password) }")),
    "whether there is a password": ("JOB504", "pass", _add("{ password: !!a.password, hasPassword: a.x }")),
    "no password": ("JOB504", "pass", _add('{ password: "", secret: null }')),
    "a secret of the environment": ("JOB504", "fail", _add("{ value: process.env.STRIPE_SECRET }")),
    "an address of the environment": ("JOB504", "pass", _add("{ value: process.env.BASE_URL }")),
    "a public key": ("JOB504", "pass", _add("{ apiKey: a.publicKey }")),
    "how many tokens": ("JOB504", "pass", _add("{ tokens: a.tokens, maxTokens: 5, nextPageToken: a.next }")),
    "a token in order": ("JOB504", "fail", _delay("number, reset_token", before="    reset_token = make(number)\n")),
    "an event that the vendor encrypts": (
        "JOB504",
        "pass",
        {
            "a.ts": 'import { Inngest } from "inngest";\nconst i = new Inngest({ id: "s" });\n'
            'export const f = (a: any) => i.send({ name: "x", data: { password: a.password } });\n',
            "package.json": '{"dependencies": {"inngest": "^4.0.0", "@inngest/middleware-encryption": "^1.0.0"}}\n',
        },
    ),
    "an event that nobody encrypts": (
        "JOB504",
        "fail",
        {
            "a.ts": 'import { Inngest } from "inngest";\nconst i = new Inngest({ id: "s" });\n'
            'export const f = (a: any) => i.send({ name: "x", data: { password: a.password } });\n'
        },
    ),
}


@pytest.mark.parametrize(("logged", "lines"), [("job.data", [3, 4]), ("job.data.accountId", [4]), ("job.id", [4])])
def test_a_secret_that_is_logged_is_found_where_it_is_logged(tmp_path: Path, logged: str, lines: list[int]) -> None:
    worker = f'new Worker("mail", async (job) => {{ console.log({logged}); }});\n'
    (tmp_path / "a.ts").write_text(
        _QUEUE + worker + 'export const f = (a: any) => q.add("x", { accountId: a.id, password: a.password });\n'
    )
    assert sorted(f.line for f in check(scan(tmp_path), tmp_path, select=["JOB504"]).findings) == lines


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state


@pytest.mark.parametrize(("name", "severity"), [("password", "high"), ("accessToken", "high"), ("resetToken", "medium")])
def test_a_token_of_which_it_is_not_said_what_it_opens_weighs_less(tmp_path: Path, name: str, severity: str) -> None:
    ((path, text),) = _add(f"{{ {name}: a.{name} }}").items()
    (tmp_path / path).write_text(text)
    (finding,) = check(scan(tmp_path), tmp_path, select=["JOB504"]).findings
    assert finding.severity == severity
