"""JOB208: what blocks an event loop, and what only looks as if it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan
from tests.rules.test_examples import became

_NODE = 'import { execFileSync } from "node:child_process";\nimport fs from "fs";\n'
_BULLMQ = 'import { Worker } from "bullmq";\n' + _NODE
_CELERY = "import time\nfrom celery import shared_task\n\n\n@shared_task\ndef nap():\n    time.sleep(5)\n"
_ARQ = "import asyncio\nimport time\n\n\nasync def nap(ctx):\nBODY\n\nclass WorkerSettings:\n    functions = [nap]\n"


def _worker(body: str) -> dict[str, str]:
    return {"a.ts": _BULLMQ + f'new Worker("v", async (job) => {{\n{body}\n}});\n'}


def _nap(body: str) -> dict[str, str]:
    return {"a.py": _ARQ.replace("BODY", body)}


CASES = {
    "a program": ("fail", "medium", _worker('execFileSync("ls");')),
    "a file": ("fail", "low", _worker('fs.readFileSync("a");')),
    "whether there is a file": ("pass", "", _worker('fs.existsSync("a");')),
    "a function of one's own with such a name": (
        "pass",
        "",
        {"a.ts": 'import { Worker } from "bullmq";\nfunction readFileSync() {}\nnew Worker("v", async () => readFileSync());\n'},
    ),
    "a program in a function that the job calls": (
        "fail",
        "medium",
        {
            "a.ts": 'import { Worker } from "bullmq";\nimport { list } from "./b";\nnew Worker("v", async () => list());\n',
            "b.ts": _NODE + 'export function list() {\n  return execFileSync("ls");\n}\n',
        },
    ),
    "a program when the file is loaded": ("pass", "", {"a.ts": _BULLMQ + 'execFileSync("ls");\nnew Worker("v", async () => {});\n'}),
    "a processor with a process of its own": (
        "not-applicable",
        "",
        {
            "a.ts": 'import { Worker } from "bullmq";\nimport path from "path";\nnew Worker("v", path.join(__dirname, "p.js"));\n',
            "p.js": 'const { execFileSync } = require("child_process");\nmodule.exports = async () => execFileSync("ls");\n',
        },
    ),
    "a function that Inngest calls over HTTP": (
        "not-applicable",
        "",
        {
            "a.ts": 'import { Inngest } from "inngest";\n'
            + _NODE
            + 'new Inngest({ id: "s" }).createFunction({ id: "f" }, { event: "x" }, async () => execFileSync("ls"));\n'
        },
    ),
    "a nap": ("fail", "medium", _nap("    time.sleep(5)\n")),
    "a nap that others run in": ("pass", "", _nap("    await asyncio.sleep(5)\n")),
    "a nap in a thread": ("pass", "", _nap("    await asyncio.to_thread(time.sleep, 5)\n")),
    "a nap in a function for a thread": ("pass", "", _nap("    def slow():\n        time.sleep(5)\n\n    await asyncio.to_thread(slow)\n")),
    "a nap in a process of its own": ("not-applicable", "", {"a.py": _CELERY}),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, severity, files = CASES[case]
    assert became(tmp_path, "JOB208", files).state == state
    if severity:
        assert [f.severity for f in check(scan(tmp_path), tmp_path, select=["JOB208"]).findings] == [severity]
