"""Loops in loops: which of them multiply, and which only add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_HEAD = 'import { Queue, Worker } from "bullmq";\nimport { db, pool } from "./db";\nconst q = new Queue("mail");\n'
_LOOPS = (
    'new Worker("tick", async () => {\n  const docs = await db.doc.findMany();\n  for (const doc of docs) {\n'
    "    const users = INNER;\n    for (const user of users) await ADD;\n  }\n});\n"
)
_ADD = 'q.add("x", { user: user.id })'
_SCHEMA = (
    "model Tenant {\n  id String @id\n  docs Doc[]\n}\n\nmodel Doc {\n  id String @id\n"
    "  tenantId String UNIQUE\n  tenant Tenant @relation(fields: [tenantId], references: [id])\n}\n"
)
_FETCHED = "await db.user.findMany({ where: { tenantId: doc.tenantId } })"
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(a, b):\n    ...\n\n@shared_task\ndef tick():\n"


def loops(inner: str, add: str = _ADD) -> str:
    return _HEAD + _LOOPS.replace("INNER", inner).replace("ADD", add)


CASES: dict[str, tuple[str, dict[str, str]]] = {
    "users of a tenant": ("fail", {"a.ts": loops(_FETCHED)}),
    "users of a tenant, by SQL": ("fail", {"a.ts": loops('(await pool.query("select …", [doc.tenant_id])).rows')}),
    "many documents of a tenant, as the schema says": (
        "fail",
        {"a.ts": loops("doc.tenant.users"), "p/schema.prisma": _SCHEMA.replace(" UNIQUE", "")},
    ),
    "one document of a tenant, as the schema says": (
        "unknown",
        {"a.ts": loops(_FETCHED), "schema.prisma": _SCHEMA.replace("UNIQUE", "@unique")},
    ),
    "all users": ("fail", {"a.ts": loops("await db.user.findMany()")}),
    "in a function that is called": (
        "fail",
        {
            "a.ts": _HEAD + 'import { tell } from "./tell";\nnew Worker("tick", async () => {\n  const docs = await db.doc.findMany();\n'
            "  await Promise.all(docs.map((doc) => tell(doc.tenantId)));\n});\n",
            "tell.ts": _HEAD
            + "export async function tell(tenantId: string) {\n  const users = await db.user.findMany({ where: { tenantId } });\n"
            '  users.forEach((user) => q.add("x", user.id));\n}\n',
        },
    ),
    "only the list is made": (
        "fail",
        {
            "a.ts": _HEAD
            + 'new Worker("tick", async () => {\n  const docs = await db.doc.findMany();\n  const users = await db.user.findMany();\n'
            '  await q.addBulk(docs.flatMap((doc) => users.map((user) => ({ name: "x", data: { user: user.id } }))));\n});\n'
        },
    ),
    "only the list is filled": (
        "fail",
        {
            "a.ts": _HEAD
            + 'new Worker("tick", async () => {\n  const docs = await db.doc.findMany();\n  const users = await db.user.findMany();\n'
            '  const jobs = [];\n  for (const doc of docs) for (const user of users) jobs.push({ name: "x", data: user.id });\n'
            "  await q.addBulk(jobs);\n});\n"
        },
    ),
    "users of a tenant, counted": (
        "fail",
        {"a.ts": loops(_FETCHED).replace("for (const doc of docs) {", "for (let i = 0; i < docs.length; i++) {\n    const doc = docs[i];")},
    ),
    "its own parts, counted": (
        "unknown",
        {
            "a.ts": loops("doc.pages").replace(
                "for (const doc of docs) {", "for (let i = 0; i < docs.length; i++) {\n    const doc = docs[i];"
            )
        },
    ),
    "an id that merges": ("unknown", {"a.ts": loops(_FETCHED, 'q.add("x", {}, { jobId: `${user.id}-digest` })')}),
    "its own parts": ("unknown", {"a.ts": loops("doc.pages")}),
    "its own parts, looked up": ("unknown", {"a.ts": loops("await db.page.findMany({ where: { docId: doc.id } })")}),
    "parts of the parts of a message": ("unknown", {"a.ts": loops("doc.change.values")}),
    "subscribers": ("unknown", {"a.ts": loops("await db.webhook.findMany()").replace("users", "webhooks")}),
    "what is spelled out": ("pass", {"a.ts": loops('["de", "fr", "it"]')}),
    "batches": (
        "pass",
        {"a.ts": loops("batch").replace("const docs", "const batches").replace("doc of docs", "batch of batches")},
    ),
    "pages until there are no more": ("pass", {"a.ts": loops("await page()").replace("for (const doc of docs)", "while (more)")}),
    "attempts": (
        "pass",
        {"a.ts": loops("await load()").replace("for (const doc of docs)", "for (let attempt = 0; attempt < max; attempt++)")},
    ),
    "in steps": (
        "pass",
        {"a.ts": loops("docs.slice(i, i + 50)").replace("for (const doc of docs)", "for (let i = 0; i < docs.length; i += 50)")},
    ),
    "a worker for each queue": (
        "pass",
        {
            "a.ts": _HEAD + "for (const name of names()) {\n  new Worker(name, async (job) => {\n"
            '    for (const user of job.data.users) await q.add("x", { user });\n  });\n}\n'
        },
    ),
    "two loops of a comprehension": ("fail", {"t.py": _TASK + "    [send.delay(a.pk, b.pk) for a in load_a() for b in load_b()]\n"}),
    "a comprehension over its own": ("unknown", {"t.py": _TASK + "    [send.delay(a.pk, b) for a in load_a() for b in a.parts.all()]\n"}),
    "of a session that was opened for it": (
        "unknown",
        {
            "t.py": _TASK
            + "    for a in load_a():\n        with opened(a) as m:\n            for b in m.fetch():\n                send.delay(a, b)\n"
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, files = CASES[case]
    assert became(tmp_path, "JOB202", files).state == state
