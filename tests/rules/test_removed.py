"""JOB008: what a version removed is found by the version that the manifest allows, and by nothing that only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan
from tests.rules.test_examples import became

_QUEUE = 'import { Queue } from "bullmq";\nexport const q = new Queue("news", { connection: { host: "redis" } });\n'
_REPEAT = _QUEUE + 'await q.add("daily", {}, { repeat: { pattern: "0 8 * * *" } });\n'
_BOSS = 'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://db/app");\n'
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(): ...\n"
_RQ = "from rq import Connection, Worker\n\nwith Connection(redis()):\n    Worker(['mail']).work()\n"


def _npm(package: str, version: str) -> str:
    return f'{{"dependencies": {{"{package}": "{version}"}}}}\n'


CASES = {
    "a version that still has it": ("pass", {"a.ts": _REPEAT, "package.json": _npm("bullmq", "^5.81.0")}),
    "a version that does not": ("fail", {"a.ts": _REPEAT, "package.json": _npm("bullmq", "6.7.0")}),
    "a range over both": ("unknown", {"a.ts": _REPEAT, "package.json": _npm("bullmq", ">=5")}),
    "a range that begins after it": ("fail", {"a.ts": _REPEAT, "package.json": _npm("bullmq", ">=6")}),
    "whatever is newest": ("unknown", {"a.ts": _REPEAT, "package.json": _npm("bullmq", "latest")}),
    "a fork": ("unknown", {"a.ts": _REPEAT, "package.json": _npm("bullmq", "github:we/bullmq#v6")}),
    "no manifest": ("unknown", {"a.ts": _REPEAT}),
    "another version in another folder": (
        "pass",
        {"web/a.ts": _REPEAT, "web/package.json": _npm("bullmq", "^5.1.0"), "jobs/package.json": _npm("bullmq", "^6.7.0")},
    ),
    "an array that repeats": (
        "pass",
        {"a.ts": _QUEUE + 'await q.add("daily", { repeat: 5 });\n', "package.json": _npm("bullmq", "^6.7.0")},
    ),
    "a method of the same name of something else": (
        "pass",
        {
            "a.ts": _QUEUE + 'import { board } from "./board";\nboard.getRepeatableJobs();\nawait q.add("x", {});\n',
            "board.ts": "export const board = { getRepeatableJobs() {} };\n",
            "package.json": _npm("bullmq", "^6.7.0"),
        },
    ),
    "a method that throws": (
        "fail",
        {"a.ts": _QUEUE + 'await q.add("x", {});\nawait q.getRepeatableJobs();\n', "package.json": _npm("bullmq", "^6.7.0")},
    ),
    "a class that is gone": (
        "fail",
        {
            "a.ts": _QUEUE + 'await q.add("x", {});\nimport { QueueScheduler } from "bullmq";\nnew QueueScheduler("x");\n',
            "package.json": _npm("bullmq", "^5.1.0"),
        },
    ),
    "minutes where only seconds are known": (
        "fail",
        {"a.ts": _BOSS + 'await boss.send("mail", {}, { expireInMinutes: 60 });\n', "package.json": _npm("pg-boss", "^12.35.0")},
    ),
    "minutes that version 10 knows": (
        "pass",
        {"a.ts": _BOSS + 'await boss.send("mail", {}, { expireInMinutes: 60 });\n', "package.json": _npm("pg-boss", "^10.4.0")},
    ),
    "a method of version 9": (
        "fail",
        {"a.ts": _BOSS + 'await boss.sendOnce("mail", {}, {}, "k");\n', "package.json": _npm("pg-boss", "^12.35.0")},
    ),
    "an error that was never there": (
        "fail",
        {
            "a.ts": 'import { Inngest, RetriableError } from "inngest";\nexport const i = new Inngest({ id: "s" });\n'
            'i.createFunction({ id: "f" }, { event: "x" }, async () => { throw new RetriableError("x"); });\n'
        },
    ),
    "a context of RQ 1": ("fail", {"a.py": _RQ, "requirements.txt": "rq==2.1.0\n"}),
    "a context of RQ 1 with RQ 1": ("pass", {"a.py": _RQ, "requirements.txt": "rq~=1.16\n"}),
    "a command line of Celery 4": (
        "fail",
        {"a.py": _TASK, "Procfile": "worker: celery worker -A a\n", "requirements.txt": "celery==5.4.0\n"},
    ),
    "a command line of Celery 5": (
        "pass",
        {"a.py": _TASK, "Procfile": "worker: celery -A a worker\n", "requirements.txt": "celery==5.4.0\n"},
    ),
    "an import in a test": (
        "pass",
        {"a.py": _TASK, "tests/test_a.py": "from celery.task import task\n", "requirements.txt": "celery==5.4.0\n"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, files = CASES[case]
    assert became(tmp_path, "JOB008", files).state == state


def test_the_message_says_what_comes_of_it_and_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(_REPEAT)
    (tmp_path / "package.json").write_text(_npm("bullmq", "^6.7.0"))
    (found,) = check(scan(tmp_path), tmp_path, select=["JOB008"]).findings
    assert found.severity == "critical"
    assert found.message == "BullMQ ^6.7.0 takes no notice of `repeat` (since version 6): the job runs once, at once, and never again."
    assert found.fix == "Write `queue.upsertJobScheduler(id, { pattern }, { name, data, opts })`."
    assert (found.path, found.line) == ("a.ts", 3)
