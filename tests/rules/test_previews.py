"""Rules that are still in preview: what they find on a worker, and the look-alikes that they leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.rules.selection import selected
from migrator.scanners import scan

QUEUES = 'import { FlowProducer, Queue, Worker } from "bullmq";\nconst mails = new Queue("email");\nconst flows = new FlowProducer();\n'
SENDER = 'new Worker("email", async (job) => {\n  await smtp.send(job.data);\n});\n'
REPORT = 'new Worker("report", async (job) => {\n  const path = await render(job.data);\n  BODY\n});\n'
SERVER = (
    'import express from "express";\nimport { Worker } from "bullmq";\nimport { connection } from "./redis";\n'
    'new Worker("mail", async (job) => send(job.data));\nconst app = express();\napp.get("PATH", async (request, response) => {\n'
    "  BODY\n  response.json({ ok: true });\n});\n"
)
EXPIRY = 'new Worker("expiry", async (job) => {\n  for (const user of await expiring()) {\n    BODY\n  }\n});\n'
JOIN = 'import { Queue } from "bullmq";\nconst mails = new Queue("email");\nexport async function join(request: any) {\n  BODY\n}\n'

FORMS: dict[str, tuple[str, Mapping[str, str], str]] = {
    "a job that starts the next": ("JOB116", {"a.ts": QUEUES + SENDER + REPORT.replace("BODY", 'await mails.add("r", { path });')}, "fail"),
    "for each of many": (
        "JOB116",
        {"a.ts": QUEUES + SENDER + REPORT.replace("BODY", 'for (const to of job.data.all) await mails.add("r", { to });')},
        "not-applicable",
    ),
    "itself again": (
        "JOB116",
        {"a.ts": QUEUES + SENDER.replace("await smtp", 'await mails.add("next", {});\n  await smtp')},
        "not-applicable",
    ),
    "for a failure": (
        "JOB116",
        {
            "a.ts": QUEUES
            + SENDER
            + REPORT.replace("BODY", 'try { await put(path); } catch (e) { await mails.add("failed", {}); throw e; }')
        },
        "not-applicable",
    ),
    "from outside of any job": (
        "JOB116",
        {"a.ts": QUEUES + SENDER, "b.ts": JOIN.replace("BODY", 'await mails.add("r", {});')},
        "not-applicable",
    ),
    "no id": ("JOB605", {"a.ts": QUEUES + EXPIRY.replace("BODY", 'await mails.add("warning", { to: user.to });')}, "fail"),
    "an id of the clock": (
        "JOB605",
        {"a.ts": QUEUES + EXPIRY.replace("BODY", 'await mails.add("warning", { to: user.to }, { jobId: `mail-${Date.now()}` });')},
        "fail",
    ),
    "an id of what it is about": (
        "JOB605",
        {"a.ts": QUEUES + EXPIRY.replace("BODY", 'await mails.add("warning", { to: user.to }, { jobId: `expiry-${user.id}` });')},
        "pass",
    ),
    "it asks first": (
        "JOB605",
        {"a.ts": QUEUES + EXPIRY.replace("BODY", 'if (user.notifiedAt) continue;\n    await mails.add("warning", { to: user.to });')},
        "unknown",
    ),
    "the sender asks first": (
        "JOB605",
        {
            "a.ts": QUEUES
            + SENDER.replace("await smtp", "if (await db.sentMails.findFirst({ where: { id: job.id } })) return;\n  await smtp")
            + EXPIRY.replace("BODY", 'await mails.add("warning", { to: user.to });')
        },
        "unknown",
    ),
    "a line in a log that says sent": (
        "JOB605",
        {
            "a.ts": QUEUES
            + SENDER.replace("await smtp", "console.log(`sent ${job.name}`);\n  await smtp")
            + EXPIRY.replace("BODY", 'await mails.add("warning", { to: user.to });')
        },
        "fail",
    ),
    "no message to people": (
        "JOB605",
        {"a.ts": QUEUES.replace('"email"', '"index"') + EXPIRY.replace("BODY", 'await mails.add("document", { id: user.id });')},
        "not-applicable",
    ),
    "asked for by a person": ("JOB605", {"b.ts": JOIN.replace("BODY", 'await mails.add("welcome", { to: 1 });')}, "not-applicable"),
    "nothing is handed on": ("JOB404", {"b.ts": JOIN.replace("BODY", 'await mails.add("welcome", { to: request.to });')}, "fail"),
    "an id is handed on": (
        "JOB404",
        {"b.ts": JOIN.replace("BODY", 'await mails.add("welcome", { to: request.to, traceId: request.id });')},
        "pass",
    ),
    "something is handed on": ("JOB404", {"b.ts": JOIN.replace("BODY", 'await mails.add("welcome", request.body);')}, "unknown"),
    "an id is known elsewhere": (
        "JOB404",
        {"b.ts": JOIN.replace("BODY", 'await mails.add("welcome", { to: 1 });'), "log.ts": "export const requestId = () => store.get();\n"},
        "unknown",
    ),
    "a package may do it": (
        "JOB404",
        {
            "b.ts": JOIN.replace("BODY", 'await mails.add("welcome", { to: 1 });'),
            "package.json": '{"dependencies": {"bullmq": "^5.0.0", "bullmq-otel": "^1.0.0"}}',
        },
        "unknown",
    ),
    "it says yes": ("JOB405", {"a.ts": SERVER.replace("PATH", "/health").replace("BODY", "")}, "fail"),
    "it asks the database": ("JOB405", {"a.ts": SERVER.replace("PATH", "/ready").replace("BODY", "await db.query('select 1');")}, "fail"),
    "it asks Redis": ("JOB405", {"a.ts": SERVER.replace("PATH", "/healthz").replace("BODY", "await connection.ping();")}, "pass"),
    "it asks through a function": (
        "JOB405",
        {
            "a.ts": 'import { well } from "./well";\n' + SERVER.replace("PATH", "/health").replace("BODY", "await well();"),
            "well.ts": 'import { connection } from "./redis";\nexport const well = () => connection.ping();\n',
        },
        "pass",
    ),
    "a function that is only called as if it did": (
        "JOB405",
        {
            "a.ts": 'import { checkHealth } from "./well";\n' + SERVER.replace("PATH", "/health").replace("BODY", "await checkHealth();"),
            "well.ts": "export const checkHealth = () => true;\n",
        },
        "fail",
    ),
    "what it asks is not there": (
        "JOB405",
        {"a.ts": 'import { well } from "./away";\n' + SERVER.replace("PATH", "/health").replace("BODY", "await well();")},
        "unknown",
    ),
    "an event that is called ready": (
        "JOB405",
        {"a.ts": SERVER.replace("PATH", "/join").replace("BODY", "").replace("app.get", 'connection.on("ready", () => {});\napp.get')},
        "unknown",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_preview_says(tmp_path: Path, form: str) -> None:
    rule, files, state = FORMS[form]
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    (found,) = check(scan(tmp_path), tmp_path, select=[rule]).checks
    assert found.state == state, found


def test_previews_are_looked_at_only_where_they_are_asked_for() -> None:
    previews = {"JOB116", "JOB404", "JOB405", "JOB605"}
    assert not previews & {rule.id for rule in selected()}
    assert previews <= {rule.id for rule in selected(preview=True)}


@pytest.mark.parametrize("rule", ["JOB116", "JOB401", "JOB404", "JOB405", "JOB406", "JOB605"])
def test_on_the_worker_with_the_defect_and_on_the_mended_one(rule: str) -> None:
    fixtures = Path(__file__).parents[2] / "fixtures"
    (found,) = check(scan(fixtures / "deadlines"), fixtures / "deadlines", select=[rule]).checks
    assert found.state == "fail"
    (mended,) = check(scan(fixtures / "deadlines-mended"), fixtures / "deadlines-mended", select=[rule]).checks
    assert mended.state == "pass"
