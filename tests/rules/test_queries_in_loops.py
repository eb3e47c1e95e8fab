"""Queries in loops, and what only looks like it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

_PRISMA = '{"dependencies": {"bullmq": "^5.0.0", "@prisma/client": "^6.0.0", "pg": "^8.0.0", "nodemailer": "^6.0.0"}}'
_HEAD = (
    'import { Worker } from "bullmq";\nimport { db, pool } from "./db";\nimport nodemailer from "nodemailer";\n'
    'const mail = nodemailer.createTransport({});\nnew Worker("m", async (job) => {\n  const xs = await db.x.findMany();\n  BODY\n});\n'
)
_TASK = "from celery import shared_task\nfrom models import Line\n\n@shared_task\ndef f(xs):\n    for x in xs:\n        BODY\n"
_DJANGO = {"requirements.txt": "celery\ndjango\n"}


def findings(folder: Path, files: Mapping[str, str]) -> list[str]:
    for path, text in files.items():
        (folder / path).write_text(text)
    return [f.severity for f in check(scan(folder), folder, select=["JOB203"]).findings]


def in_worker(body: str) -> dict[str, str]:
    return {"package.json": _PRISMA, "a.ts": _HEAD.replace("BODY", body)}


FOUND = {
    "a count for each": ("high", in_worker("for (const x of xs) await db.y.count({ where: { x: x.id } });")),
    "at once, which is as many": ("high", in_worker("await Promise.all(xs.map((x) => db.y.findFirst({ where: { x: x.id } })));")),
    "SQL": ("high", in_worker('for (const x of xs) await pool.query("SELECT n FROM y WHERE x = $1", [x.id]);')),
    "SQL in a tag": ("high", in_worker("for (const x of xs) await sql`select n from y where x = ${x.id}`;")),
    "in a function that is called": (
        "high",
        in_worker("for (const x of xs) await one(x.id);")
        | {"one.ts": ""}
        | {
            "a.ts": _HEAD.replace("BODY", "for (const x of xs) await one(x.id);")
            + "const one = (id: string) => db.y.findUnique({ where: { id } });\n"
        },
    ),
    "for every pair": (
        "critical",
        in_worker("const zs = await db.z.findMany();\n  for (const x of xs) for (const z of zs) await db.y.count({ where: { x, z } });"),
    ),
    "with a mail each": ("medium", in_worker("for (const x of xs) { await db.y.count({ where: { x: x.id } }); await mail.sendMail({}); }")),
    "with a change each": (
        "medium",
        in_worker(
            "for (const x of xs) { await db.y.findFirst({ where: { x: x.id } }); await db.x.update({ where: { id: x.id }, data: {} }); }"
        ),
    ),
    "rows one by one": ("medium", in_worker("for (const x of xs) await db.y.create({ data: { x: x.id } });")),
    "Django": ("high", _DJANGO | {"t.py": _TASK.replace("BODY", "Line.objects.filter(x=x).count()")}),
    "a cache that is asked and does not spare the query": (
        "high",
        _DJANGO
        | {
            "t.py": _TASK.replace("BODY", "find(x)")
            + "\ndef find(x):\n    mood = cache.get(x)\n    return Line.objects.get(x=x, mood=mood)\n"
        },
    ),
    "SQLAlchemy": ("high", {"requirements.txt": "celery\nsqlalchemy\n", "t.py": _TASK.replace("BODY", "db.session.execute(q(x))")}),
}
SILENT = {
    "one for all": in_worker("for (const x of xs) use(x);"),
    "changes, each in its own way": in_worker("for (const x of xs) await db.x.update({ where: { id: x.id }, data: { n: f(x) } });"),
    "over what is spelled out": in_worker('for (const x of ["a", "b"]) await db.y.count({ where: { x } });'),
    "in batches": in_worker(
        "for (let i = 0; i < xs.length; i += 100) await db.y.findMany({ where: { id: { in: xs.slice(i, i + 100) } } });"
    ),
    "batches by name": in_worker("for (const batch of chunks(xs)) await db.y.findMany({ where: { id: { in: batch } } });"),
    "pages": in_worker("for (const x of xs) await db.y.findMany({ skip: 10 * x, take: 10 });"),
    "a retry": in_worker("for (const attempt of attempts) await db.y.findFirst();"),
    "what is gone over is asked for once": in_worker("for (const y of await db.y.findMany()) f(y);"),
    "a map of the language": in_worker('for (const x of xs) { url.searchParams.delete("a"); seen.delete(x); m.get(x); }'),
    "tables": in_worker("for (const table of xs) await pool.query(`SELECT count(*) FROM ${table}`);"),
    "remembered": in_worker("for (const x of xs) { if (!cache.has(x.id)) cache.set(x.id, await db.y.findFirst({ where: { x: x.id } })); }"),
    "asked of a cache first": _DJANGO
    | {
        "t.py": _TASK.replace("BODY", "find(x)")
        + "\ndef find(x):\n    line = cache.get(x)\n    if line:\n        return line\n    return Line.objects.get(x=x)\n"
    },
    "the views that there are": {
        "requirements.txt": "celery\nsqlalchemy\n",
        "t.py": "from celery import shared_task\n\n@shared_task\ndef f():\n    for name in inspect(engine).get_materialized_view_names():\n"
        '        session.execute(text("REFRESH MATERIALIZED VIEW " + name))\n',
    },
    "a worker for each": {
        "package.json": _PRISMA,
        "a.ts": 'import { Worker } from "bullmq";\nfor (const n of names()) new Worker(n, async () => { await db.y.findMany(); });\n',
    },
    "a dictionary": _DJANGO | {"t.py": _TASK.replace("BODY", "table.get(x)")},
    "a lazy query": _DJANGO | {"t.py": _TASK.replace("BODY", "qs.append(Line.objects.filter(x=x))")},
    "no library": {"t.py": _TASK.replace("BODY", "Line.objects.get(x=x)")},
    "a step of its own": {
        "package.json": '{"dependencies": {"inngest": "^3.0.0", "@prisma/client": "^6.0.0"}}',
        "a.ts": 'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "a" });\n'
        'export const f = inngest.createFunction({ id: "f" }, { event: "e" }, async ({ step, event }) => {\n'
        "  for (const x of event.data.xs) await step.run(x, () => db.y.count({ where: { x } }));\n});\n",
    },
}


@pytest.mark.parametrize("case", FOUND)
def test_a_query_for_each_is_found(tmp_path: Path, case: str) -> None:
    severity, files = FOUND[case]
    assert findings(tmp_path, files) == [severity]


@pytest.mark.parametrize("case", SILENT)
def test_what_only_looks_like_it_is_not(tmp_path: Path, case: str) -> None:
    assert findings(tmp_path, SILENT[case]) == []
