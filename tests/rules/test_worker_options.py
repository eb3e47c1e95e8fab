"""What workers take at once, what they make for each job, and which connections they share."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan
from tests.rules.test_examples import became

_BULL = 'import { Queue, Worker } from "bullmq";\nimport axios from "axios";\nimport { Pool } from "pg";\n'
_ADD = 'export const add = () => new Queue("mail").add("x", {});\n'
_WORK = 'new Worker("mail", async (job) => { await axios.get(job.data.url); }, OPTIONS);\n'
_MARKED = (
    'const q = new Queue("mail");\nexport const a = () => q.add("reset", {}, { priority: FIRST });\n'
    'export const b = () => q.add("news", {}SECOND);\n'
)
_POOLED = (
    'export const pool = new Pool(POOL);\nnew Worker("a", async () => { await pool.query("SELECT 1 FROM a"); }, { concurrency: FIRST });\n'
    'new Worker("b", async () => { await pool.query("SELECT 1 FROM b"); }, { concurrency: SECOND });\n'
)
_MAKES = 'BEFORE\nnew Worker("mail", async (job) => {\n  BODY\n});\n'


def at_once(options: str, more: str = _ADD) -> dict[str, str]:
    return {"a.ts": _BULL + more + _WORK.replace("OPTIONS", options)}


def marked(first: str, second: str) -> dict[str, str]:
    return {"a.ts": _BULL + _MARKED.replace("FIRST", first).replace("SECOND", second)}


def pooled(pool: str, first: str, second: str) -> dict[str, str]:
    return {"a.ts": _BULL + _POOLED.replace("POOL", pool).replace("FIRST", first).replace("SECOND", second)}


def makes(body: str, before: str = "") -> dict[str, str]:
    return {"a.ts": _BULL + _MAKES.replace("BODY", body).replace("BEFORE", before)}


_ROWS = 'await pool.query("SELECT 1 FROM a");'
_ROOM = {"p.ts": 'import { Pool } from "pg";\nexport const pool = new Pool({ max: 20 });\n'}


def apart(name: str, concurrency: int) -> str:
    head = 'import { Worker } from "bullmq";\nimport { pool } from "./p";\n'
    return head + f'new Worker("{name}", async () => {{ {_ROWS} }}, {{ concurrency: {concurrency} }});\n'


CASES = {
    "nothing is said": ("JOB204", "fail", at_once("{ connection }")),
    "a number": ("JOB204", "pass", at_once("{ concurrency: 5 }")),
    "a number of the environment": ("JOB204", "pass", at_once("{ concurrency: Number(process.env.N) }")),
    "options from elsewhere": ("JOB204", "unknown", at_once("options")),
    "options that are spread": ("JOB204", "unknown", at_once("{ ...options }")),
    "a limiter": ("JOB204", "pass", at_once("{ limiter: { max: 1, duration: 1000 } }")),
    "a comment": (
        "JOB204",
        "pass",
        {"a.ts": _BULL + _ADD + "// One at a time: the bank wants them in order.\n" + _WORK.replace("OPTIONS", "{}")},
    ),
    "a name": ("JOB204", "pass", {"a.ts": (_BULL + _ADD + _WORK.replace("OPTIONS", "{}")).replace('"mail"', '"mail-fifo"')}),
    "only a schedule": (
        "JOB204",
        "pass",
        at_once("{}", 'new Queue("mail").upsertJobScheduler("m", { pattern: "0 3 * * *" }, { name: "x" });\n'),
    ),
    "nobody enqueues": ("JOB204", "unknown", at_once("{}", "")),
    "a job that only computes": (
        "JOB204",
        "not-applicable",
        {"a.ts": _BULL + _ADD + 'new Worker("mail", async (job) => job.data.n * 2);\n'},
    ),
    "global concurrency": ("JOB204", "pass", at_once("{}", _ADD + 'new Queue("mail").setGlobalConcurrency(1);\n')),
    "urgent among plain ones": ("JOB211", "fail", marked("1", "")),
    "urgent by name": ("JOB211", "fail", marked("Priority.HIGH", "")),
    "both have one": ("JOB211", "pass", marked("1", ", { priority: 10 }")),
    "none has one": ("JOB211", "not-applicable", marked("0", "")),
    "bulk is marked, which is right": ("JOB211", "unknown", marked("100", "")),
    "options that may hold one": ("JOB211", "unknown", marked("1", ", { ...options }")),
    "another queue": (
        "JOB211",
        "pass",
        {"a.ts": _BULL + 'new Queue("a").add("reset", {}, { priority: 1 });\nnew Queue("b").add("news", {});\n'},
    ),
    "a worker over its pool": ("JOB206", "fail", pooled("{ max: 5 }", "10", "1")),
    "two workers over their pool": ("JOB206", "fail", pooled("{ max: 15 }", "10", "10")),
    "the default of ten": ("JOB206", "fail", pooled("{ connectionString: url }", "10", "1")),
    "room enough": ("JOB206", "pass", pooled("{ max: 20 }", "10", "10")),
    "a pool of the environment": ("JOB206", "unknown", pooled("{ max: Number(process.env.POOL) }", "10", "10")),
    "a pool with options from elsewhere": ("JOB206", "unknown", pooled("settings", "10", "10")),
    "a concurrency of the environment": ("JOB206", "unknown", pooled("{ max: 20 }", "Number(process.env.N)", "10")),
    "workers that one file starts": (
        "JOB206",
        "fail",
        _ROOM
        | {"one.ts": apart("one", 15), "two.ts": apart("two", 15), "main.ts": 'import { x } from "./one";\nimport { y } from "./two";\n'},
    ),
    "workers of which nobody knows who starts them": (
        "JOB206",
        "unknown",
        _ROOM | {"one.ts": apart("one", 15), "two.ts": apart("two", 15)},
    ),
    "Prisma, as the address says": (
        "JOB206",
        "fail",
        {
            ".env.example": "DATABASE_URL=postgres://db/app?connection_limit=5\n",
            "package.json": '{"dependencies": {"bullmq": "^5.0.0", "@prisma/client": "^6.0.0"}}',
            "a.ts": _BULL + 'import { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
            'new Worker("a", async () => { await db.x.findMany(); }, { concurrency: 8 });\n',
        },
    ),
    "a pool for each job": ("JOB205", "fail", makes(f"const pool = new Pool(); {_ROWS}")),
    "in a function that is called": (
        "JOB205",
        "fail",
        makes("await ask(job);", f"async function ask(job: any) {{ const pool = new Pool(); {_ROWS} }}"),
    ),
    "of a factory": ("JOB205", "fail", makes("const pool = make(); await pool.query(job.data.q);", "const make = () => new Pool();")),
    "one for all": ("JOB205", "pass", makes(_ROWS, "const pool = new Pool();")),
    "kept by the module": ("JOB205", "pass", makes("pool = pool ?? new Pool(); " + _ROWS, "let pool: Pool;")),
    "made when there is none": (
        "JOB205",
        "pass",
        makes("await get().query(job.data.q);", "let pool: Pool;\nfunction get() { if (!pool) { pool = new Pool(); } return pool; }"),
    ),
    "kept by whoever calls the factory": (
        "JOB205",
        "pass",
        makes(
            "await get(job.data.tenant).query(job.data.q);",
            "const make = () => new Pool();\nconst pools = new Map();\nfunction get(t: string) {\n  let p = pools.get(t);\n"
            "  if (!p) { p = make(); pools.set(t, p); }\n  return p;\n}",
        ),
    ),
    "a map of the language": ("JOB205", "pass", makes("const seen = new Map(); await axios.get(job.data.url);")),
    "a queue for each job that is put in": (
        "JOB205",
        "fail",
        {"a.ts": _BULL + 'export async function tell(to: string) {\n  const q = new Queue("mail");\n  await q.add("x", { to });\n}\n'},
    ),
    "a queue in the function that starts the process": (
        "JOB205",
        "not-applicable",
        {"a.ts": _BULL + 'async function main() {\n  const q = new Queue("mail");\n  await q.add("x", {});\n}\n'},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state


_CONNECT = "async function connect() { const pool = new Pool(); return pool; }"


@pytest.mark.parametrize(
    ("after", "severity"),
    [("finally { await pool.end(); }", "medium"), ("finally { await other.end(); }", "high"), ("catch (e) { throw e; }", "high")],
)
def test_who_is_handed_a_client_may_close_it(tmp_path: Path, after: str, severity: str) -> None:
    body = f"const pool = await connect();\n  try {{ {_ROWS} }} {after}"
    for name, text in makes(body, _CONNECT).items():
        (tmp_path / name).write_text(text, "utf-8")
    (found,) = check(scan(tmp_path), tmp_path, select=["JOB205"]).findings
    assert found.severity == severity
