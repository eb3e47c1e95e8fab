"""Rules about where work is sent: what they do not know they call unknown, and what only looks wrong they let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_BULL = 'import { Queue, Worker } from "bullmq";\n'
_CELERY = 'from celery import Celery\napp = Celery("shop")\n\n@app.task\ndef send(to): ...\n'
_INNGEST = 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop" });\n'
_SHIP = 'export const ship = inngest.createFunction({ id: "ship"OPTIONS }, { event: "order/paid" }, async ({ step }) => {BODY});\n'
_BULLMQ_5 = {"package.json": '{"dependencies": {"bullmq": "^5.1.0"}}'}
_ADD = 'const q = new Queue("mail");\nexport const f = (u: any) => q.add("x", {}, { jobId: ID });\n'
_LEFT = 'export const left = () => inngest.send({ name: "order/left" });\n'
_DELAYED = _CELERY + "send.apply_async((1,), countdown=86400)\n"

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
    "an event that ends a run": (
        "JOB904",
        "pass",
        {"a.ts": _INNGEST + _SHIP.replace("OPTIONS", ', cancelOn: [{ event: "order/left" }]').replace("BODY", "") + _LEFT},
    ),
    "an event for which a step waits": (
        "JOB904",
        "pass",
        {
            "a.ts": _INNGEST
            + _SHIP.replace("OPTIONS", "").replace("BODY", 'await step.waitForEvent("w", { event: "order/left", timeout: "1h" });')
            + _LEFT
        },
    ),
    "an event for which a class that is handed the step waits": (
        "JOB904",
        "pass",
        {
            "a.ts": _INNGEST + _SHIP.replace("OPTIONS", "").replace("BODY", "await new Asking(step).run();") + _LEFT,
            "b.ts": "export class Asking {\n  constructor(private step: any) {}\n  run() {\n"
            '    return this.step.waitForEvent("order/left");\n  }\n}\n',
        },
    ),
    "a wait for an event that only the run tells": (
        "JOB904",
        "unknown",
        {
            "a.ts": _INNGEST
            + _SHIP.replace("OPTIONS", "").replace("BODY", 'await step.waitForEvent("w", { event: process.env.X, timeout: "1h" });')
            + _LEFT
        },
    ),
    "an event that functions elsewhere may take": ("JOB904", "unknown", {"a.ts": _INNGEST + _LEFT}),
    "an event that a pattern takes": (
        "JOB904",
        "pass",
        {"a.ts": _INNGEST + _SHIP.replace("OPTIONS", "").replace("BODY", "").replace("order/paid", "order/*") + _LEFT},
    ),
    "an id of digits": ("JOB604", "fail", {**_BULLMQ_5, "a.ts": _BULL + _ADD.replace("ID", '"42"')}),
    "a sum with a colon": ("JOB604", "fail", {**_BULLMQ_5, "a.ts": _BULL + _ADD.replace("ID", '"user:" + u.id')}),
    "an id of three parts": ("JOB604", "pass", {**_BULLMQ_5, "a.ts": _BULL + _ADD.replace("ID", "`user:${u.id}:mail`")}),
    "a colon in what is computed is no colon of the id": (
        "JOB604",
        "pass",
        {**_BULLMQ_5, "a.ts": _BULL + _ADD.replace("ID", '`user-${u.a ? "x:y" : 1}`')},
    ),
    "a version that no manifest tells": ("JOB604", "unknown", {"a.ts": _BULL + _ADD.replace("ID", '"user:1"')}),
    "a queue with a colon": ("JOB604", "fail", {**_BULLMQ_5, "a.ts": _BULL + 'export const q = new Queue("mail:out");\nq.add("x", {});\n'}),
    "an id for which only the run says how long it is taken": (
        "JOB603",
        "unknown",
        {"a.ts": _BULL + _ADD.replace("ID", "`u-${u.id}`").replace('"mail"', '"mail", { defaultJobOptions: settings() }')},
    ),
    "a queue that is made with unknown options": (
        "JOB603",
        "unknown",
        {"a.ts": _BULL + _ADD.replace("ID", "`u-${u.id}`").replace('"mail"', '"mail", settings()')},
    ),
    "a worker that takes out what is over": (
        "JOB603",
        "pass",
        {"a.ts": _BULL + _ADD.replace("ID", "`u-${u.id}`") + 'new Worker("mail", async () => {}, { removeOnComplete: { count: 0 } });\n'},
    ),
    "a queue that is made elsewhere": (
        "JOB603",
        "fail",
        {
            "q.ts": _BULL + 'export const q = new Queue("mail", { connection: { host: process.env.HOST } });\n',
            "a.ts": 'import { q } from "./q";\nexport const f = (u: any) => q.add("x", {}, { jobId: `u-${u.id}` });\n',
        },
    ),
    "an id that is free after some time": (
        "JOB603",
        "fail",
        {"a.ts": _BULL + _ADD.replace("ID", "`u-${u.id}`, removeOnComplete: { age: 60 }")},
    ),
    "an id that the code sets free": (
        "JOB603",
        "unknown",
        {"a.ts": _BULL + _ADD.replace("ID", "`u-${u.id}`") + 'await (await q.getJob("u-1"))?.remove();\n'},
    ),
    "an id with a field of that name": ("JOB602", "pass", {"a.ts": _BULL + _ADD.replace("ID", "`order-${u.uuid}-${u.id}`")}),
    "an id with chance": ("JOB602", "fail", {"a.ts": _BULL + _ADD.replace("ID", "`order-${uuidv4()}-${u.id}`")}),
    "an id with chance of a module": ("JOB602", "fail", {"a.ts": _BULL + _ADD.replace("ID", "`order-${uuid.v4()}-${u.id}`")}),
    "an id with a date of the business": (
        "JOB602",
        "pass",
        {"a.ts": _BULL + _ADD.replace("ID", "`order-${new Date(u.at).getTime()}-${u.id}`")},
    ),
    "an id with the time": ("JOB602", "fail", {"a.ts": _BULL + _ADD.replace("ID", "`order-${new Date().getTime()}-${u.id}`")}),
    "a range of versions": (
        "JOB604",
        "unknown",
        {"package.json": '{"dependencies": {"bullmq": ">=4"}}', "a.ts": _BULL + _ADD.replace("ID", '"42"')},
    ),
    "an id that is only a name": ("JOB603", "unknown", {"a.ts": _BULL + _ADD.replace("ID", "u")}),
    "an id that is handed over": ("JOB603", "unknown", {"a.ts": _BULL + _ADD.replace("ID", "u.key")}),
    "a delayed task of which the broker is not known": ("JOB307", "unknown", {"tasks.py": _DELAYED}),
    "a delay that one of the brokers would not hold": ("JOB307", "unknown", {"tasks.py": _DELAYED.replace("86400", "2000")}),
    "a delay that every broker holds": ("JOB307", "pass", {"tasks.py": _DELAYED.replace("86400", "60")}),
    "a broker that keeps what a worker has": ("JOB307", "pass", {"tasks.py": _DELAYED.replace('"shop"', '"shop", broker="amqp://mq"')}),
    "a broker that is given to the application": (
        "JOB307",
        "fail",
        {"tasks.py": _DELAYED.replace('"shop"', '"shop", broker="redis://cache"')},
    ),
    "a longer visibility timeout": (
        "JOB307",
        "pass",
        {
            "tasks.py": _DELAYED.replace('"shop"', '"shop", broker="redis://cache"')
            + 'app.conf.broker_transport_options = {"visibility_timeout": 60 * 60 * 48}\n'
        },
    ),
    "a visibility timeout that only the run tells": (
        "JOB307",
        "unknown",
        {
            "tasks.py": _DELAYED.replace('"shop"', '"shop", broker="redis://cache"')
            + 'import os\napp.conf.broker_transport_options = {"visibility_timeout": int(os.environ["T"])}\n'
        },
    ),
    "a listener on something that was handed over": (
        "JOB802",
        "unknown",
        {
            "boss.ts": 'import { PgBoss } from "pg-boss";\nexport const boss = new PgBoss("postgres://db");\nboss.send("mail", {});\n',
            "ready.ts": 'export function ready(boss: any) {\n  boss.on("error", console.error);\n}\n',
        },
    ),
    "a listener on a stream": (
        "JOB802",
        "fail",
        {
            "boss.ts": 'import { PgBoss } from "pg-boss";\nexport const boss = new PgBoss("postgres://db");\nboss.send("mail", {});\n',
            "read.ts": 'import fs from "fs";\nfs.createReadStream("boss").on("error", console.error);\n',
        },
    ),
    "a serializer that only the run tells": (
        "JOB703",
        "unknown",
        {"tasks.py": _CELERY + 'import os\napp.conf.task_serializer = os.environ["S"]\n'},
    ),
    "a signed pickle": ("JOB703", "pass", {"tasks.py": _CELERY + 'app.conf.accept_content = ["application/x-signed-pickle"]\n'}),
    "eager under a condition": (
        "JOB807",
        "unknown",
        {"tasks.py": _CELERY + "import sys\nif 'test' in sys.argv:\n    app.conf.task_always_eager = True\n"},
    ),
    "eager in the settings for development": (
        "JOB807",
        "pass",
        {"shop/tasks.py": _CELERY, "shop/settings/dev.py": "from shop.tasks import app\napp.conf.task_always_eager = True\n"},
    ),
    "eager unless the environment says otherwise": (
        "JOB807",
        "fail",
        {"tasks.py": _CELERY + 'from decouple import config\napp.conf.task_always_eager = config("E", default=True, cast=bool)\n'},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
