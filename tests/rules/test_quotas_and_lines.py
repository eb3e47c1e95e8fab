"""Quotas that nothing keeps, urgent jobs behind bulk, and schedules that go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_HEAD = (
    'import { Queue, Worker } from "bullmq";\nimport nodemailer from "nodemailer";\nconst mail = nodemailer.createTransport({});\n'
    'const q = new Queue("mail");\nconst urgent = new Queue("urgent");\n'
)
_LOOP = 'export const news = async (all: any[]) => { for (const u of all) await q.add("news", { to: u.mail }); };\n'
_ONE = 'export const one = (u: any) => q.add("reset", { to: u.mail });\n'
_WORK = 'new Worker("mail", async (job) => { BODY }, { connectionOPTIONS });\n'
_SENDS = "await mail.sendMail({ to: job.data.to });"
_OLD = {"package.json": '{"dependencies": {"bullmq": "^5.1.0"}}'}
_REPEAT = 'await q.add("tidy", {}, { repeat: { pattern: "0 3 * * *" } });\n'


def sends(before: str, body: str = _SENDS, options: str = "", more: str = "") -> dict[str, str]:
    return {"a.ts": _HEAD + before + _WORK.replace("BODY", body).replace("OPTIONS", options) + more}


def two(first: str, second: str) -> dict[str, str]:
    return {"a.ts": _HEAD + f"export const a = () => {first};\nexport const b = () => {second};\n"}


CASES = {
    "put in in a loop": ("JOB207", "fail", sends(_LOOP)),
    "sent in a loop": ("JOB207", "fail", sends(_ONE, f"for (const to of job.data.all) {{ {_SENDS} }}")),
    "a limiter": ("JOB207", "pass", sends(_LOOP, options=", limiter: { max: 10, duration: 1000 }")),
    "a limiter on the worker of the bulk": (
        "JOB207",
        "pass",
        {
            "a.ts": _HEAD + _LOOP + f"async function send(job: any) {{ {_SENDS} }}\n"
            'new Worker("urgent", send, { connection });\nnew Worker("mail", send, { connection, limiter: { max: 10, duration: 1000 } });\n'
        },
    ),
    "a limiter in the code": ("JOB207", "pass", sends(_LOOP, f"await limiter.acquire(); {_SENDS}")),
    "a package that may be one": ("JOB207", "unknown", {"package.json": '{"dependencies": {"bottleneck": "^2"}}', **sends(_LOOP)}),
    "one mail for one request": ("JOB207", "unknown", sends(_ONE)),
    "no mail": ("JOB207", "not-applicable", sends(_LOOP, "rate(job.data);")),
    "a reset behind news": ("JOB210", "fail", two('q.add("password-reset", {})', 'q.add("newsletter", {})')),
    "a reset in a line of its own": ("JOB210", "not-applicable", two('urgent.add("password-reset", {})', 'q.add("newsletter", {})')),
    "both with a priority": (
        "JOB210",
        "pass",
        two('q.add("password-reset", {}, { priority: 1 })', 'q.add("newsletter", {}, { priority: 9 })'),
    ),
    "only the reset with a priority": ("JOB210", "fail", two('q.add("password-reset", {}, { priority: 1 })', 'q.add("newsletter", {})')),
    "names that say nothing": ("JOB210", "not-applicable", two('q.add("welcome", {})', 'q.add("newsletter", {})')),
    "a name that says both": ("JOB210", "not-applicable", two('q.add("payment-report", {})', 'q.add("newsletter", {})')),
    "repeat": ("JOB306", "fail", {**_OLD, "a.ts": _HEAD + _REPEAT}),
    "repeat, and the old ones are taken out": (
        "JOB306",
        "pass",
        {**_OLD, "a.ts": _HEAD + "for (const job of await q.getRepeatableJobs()) await q.removeRepeatableByKey(job.key);\n" + _REPEAT},
    ),
    "repeat of a version that nobody knows": ("JOB306", "unknown", {"a.ts": _HEAD + _REPEAT}),
    "a scheduler with an id": (
        "JOB306",
        "not-applicable",
        {**_OLD, "a.ts": _HEAD + 'await q.upsertJobScheduler("tidy", { pattern: "0 3 * * *" });\n'},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
