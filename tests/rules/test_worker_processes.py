"""Workers that start where a route is loaded, and those that only stand near one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

ROUTE = "export async function POST() {\n  await put();\n}\n"
WORKER = 'import { Worker } from "bullmq";\nexport const worker = new Worker("mail", async (job) => send(job.data));\n'
IN_A_FUNCTION = (
    'import { Worker } from "bullmq";\nexport function start() {\n  return new Worker("mail", async (job) => send(job.data));\n}\n'
)
QUEUE = 'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\nexport const put = () => mails.add("welcome", {});\n'
PLATFORM = {"vercel.json": "{}"}

FORMS: dict[str, tuple[Mapping[str, str], str]] = {
    "the route loads the worker": ({"app/api/a/route.ts": 'import "../../../worker";\n' + ROUTE, "worker.ts": WORKER}, "fail"),
    "through another file": (
        {
            "app/api/a/route.ts": 'import { put } from "../../../put";\n' + ROUTE,
            "put.ts": 'import "./worker";\n' + QUEUE,
            "worker.ts": WORKER,
        },
        "fail",
    ),
    "through a barrel": (
        {
            "pages/api/a.ts": 'import { worker } from "../../lib";\n' + ROUTE,
            "lib/index.ts": 'export * from "./worker";\n',
            "lib/worker.ts": WORKER,
        },
        "fail",
    ),
    "only its type": (
        {"app/api/a/route.ts": 'import type { worker } from "../../../worker";\n' + ROUTE, "worker.ts": WORKER},
        "pass",
    ),
    "the queue alone": (
        {"app/api/a/route.ts": 'import { put } from "../../../put";\n' + ROUTE, "put.ts": QUEUE, "worker.ts": WORKER},
        "pass",
    ),
    "a function that starts it": (
        {"app/api/a/route.ts": 'import { start } from "../../../worker";\n' + ROUTE, "worker.ts": IN_A_FUNCTION},
        "unknown",
    ),
    "a test of a route": ({"app/api/a/route.test.ts": 'import "../../../worker";\n' + ROUTE, "worker.ts": WORKER}, "pass"),
}


@pytest.mark.parametrize("form", FORMS)
def test_where_a_worker_starts(tmp_path: Path, form: str) -> None:
    files, state = FORMS[form]
    write(tmp_path, {**PLATFORM, **files})
    (found,) = check(scan(tmp_path), tmp_path, select=["JOB804"]).checks
    assert found.state == state, found


def test_without_a_platform_it_is_less_bad(tmp_path: Path) -> None:
    write(tmp_path, FORMS["the route loads the worker"][0])
    (finding,) = check(scan(tmp_path), tmp_path, select=["JOB804"]).findings
    assert finding.severity == "medium"
    assert finding.path == "worker.ts"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
