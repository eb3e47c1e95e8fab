"""What a second attempt does a second time, and what keeps it from doing so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_HEAD = (
    'import { Queue, Worker } from "bullmq";\nimport nodemailer from "nodemailer";\nimport Stripe from "stripe";\n'
    'import { db } from "./db";\n'
    'const mail = nodemailer.createTransport({});\nconst stripe = new Stripe("key");\n'
    'const q = new Queue("m", { defaultJobOptions: { attempts: ATTEMPTS } });\nnew Worker("m", async (job) => {\n  BODY\n});\n'
)
_PAY = "await stripe.paymentIntents.create({ amount: 1 }KEY);"
_SEND = "await mail.sendMail({ to: job.data.to });"
_LOOP = f"for (const to of job.data.all) {{ {_SEND.replace('job.data.to', 'to')} }}"
_INNGEST = (
    'import { Inngest } from "inngest";\nimport nodemailer from "nodemailer";\nconst mail = nodemailer.createTransport({});\n'
    'const inngest = new Inngest({ id: "a" });\n'
    'export const f = inngest.createFunction({ id: "f" }, { event: "e" }, async ({ step, event }) => {\n'
    "  for (const to of event.data.all) BODY\n  await step.sleep('a', '1d');\n});\n"
)


def job(body: str, attempts: str = "3") -> dict[str, str]:
    manifest = '{"dependencies": {"bullmq": "^5", "@prisma/client": "^6"}}'
    return {"package.json": manifest, "a.ts": _HEAD.replace("BODY", body).replace("ATTEMPTS", attempts)}


CASES = {
    "a payment": ("JOB107", "fail", job(_PAY.replace("KEY", ""))),
    "a payment with a key": ("JOB107", "pass", job(_PAY.replace("KEY", ", { idempotencyKey: job.data.order }"))),
    "a payment with another key each time": ("JOB107", "fail", job(_PAY.replace("KEY", ", { idempotencyKey: randomUUID() }"))),
    "a payment that is tried once": ("JOB107", "not-applicable", job(_PAY.replace("KEY", ""), "1")),
    "attempts that only the run tells": ("JOB107", "unknown", job(_PAY.replace("KEY", ""), "Number(process.env.N)")),
    "a payment after a look at what was done": (
        "JOB107",
        "pass",
        job("if ((await load(job.data.id)).alreadyPaid) return; " + _PAY.replace("KEY", "")),
    ),
    "a payment after a look that may tell": ("JOB107", "unknown", job("const o = await db.order.findFirst(); " + _PAY.replace("KEY", ""))),
    "a customer is no payment": ("JOB107", "not-applicable", job("await stripe.customers.create({});")),
    "a mail, and more": ("JOB107", "fail", job(_SEND + " await archive(job.data);")),
    "a mail, and nothing more": ("JOB107", "pass", job(_SEND + ' console.log("sent");')),
    "mails in a loop": ("JOB108", "fail", job(_LOOP)),
    "mails at once": ("JOB108", "fail", job("await Promise.all(job.data.all.map((to: string) => mail.sendMail({ to })));")),
    "all are waited for": ("JOB108", "pass", job("await Promise.allSettled(job.data.all.map((to: string) => mail.sendMail({ to })));")),
    "one that fails is caught": (
        "JOB108",
        "pass",
        job("for (const to of job.data.all) { try { await mail.sendMail({ to }); } catch (e) { failed.push(to); } }"),
    ),
    "each is written down": (
        "JOB108",
        "pass",
        job("for (const x of job.data.all) { await mail.sendMail({ to: x.to }); await db.x.update({ where: { id: x.id }, data: x }); }"),
    ),
    "a catch around all of them": ("JOB108", "fail", job(f"try {{ {_LOOP} }} catch (e) {{ throw e; }}")),
    "tried once": ("JOB108", "pass", job(_LOOP, "1")),
    "two addresses that are written there": ("JOB108", "pass", job('for (const to of ["a", "b"]) await mail.sendMail({ to });')),
    "a step for each": (
        "JOB108",
        "pass",
        {"a.ts": _INNGEST.replace("BODY", "await step.run(to, () => mail.sendMail({ to }));")},
    ),
    "one step for all": (
        "JOB108",
        "fail",
        {"a.ts": _INNGEST.replace("BODY", "await mail.sendMail({ to });")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
