"""JOB107: what a second attempt does a second time."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Job
from migrator.jobs.findings import Severity, Spot
from migrator.regex import regex
from migrator.rules.database_calls import queries
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.sent import effects, is_retried, is_step
from migrator.scanners.bodies import Reached
from migrator.syntax.tree import enclosing
from migrator.systems.effects import FRESH, KEYS

#: what tells of a job that it has been done, in names and in SQL
_MARKS = regex(
    rb"on conflict|get_or_create|already|processed|sent_at|sentAt|is_?sent|[\"']NX[\"']|nx=True|setnx|dedup|idempot", re.IGNORECASE
)
#: calls that do not fail, and what is only run after something failed
_LOGS = regex(r"(?:^|\.)(?:console|log|logger|logging|print)\b|^(?:str|len|print|String|Number|Date|JSON)\b|Error$")
_APART = ("catch_clause", "except_clause", "throw_statement", "raise_statement", "return_statement")
_NOUNS = {"mail": "mail", "message": "messages", "money": "payments"}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all jobs of a system that do the same kind of thing again."""
    again: defaultdict[tuple[str, str], dict[tuple[str, int], tuple[Job, Spot]]] = defaultdict(dict)
    for job in evidence.jobs:
        found = list(effects(evidence, job))
        retried = is_retried(evidence, job) if found else False
        for call, what in found:
            where = spot(call.view.source.location(call.node, at=call.callee), f"`{call.written}`")
            text = call.view.source.text(call.node)
            if FRESH.search(text):
                again[job.system, what][where.path, where.line] = job, where
            elif KEYS.search(text):
                yield Pass(where)
            elif not retried:
                if retried is None:
                    yield Undecided("whether a job is tried again is only known at run time", where)
            elif _is_marked(call):
                yield Pass(where)
            elif is_step(call):
                yield Pass(Spot(where.path, where.line, "a step of its own"))
            elif what != "money" and not _is_followed(evidence, job, call):
                yield Pass(Spot(where.path, where.line, "nothing that may fail comes after it"))
            elif any(True for _ in queries(evidence, job)):
                yield Undecided("a job may tell by what it reads that it has been done before", where)
            else:
                again[job.system, what][where.path, where.line] = job, where
    for (system, what), places in again.items():
        jobs = list(dict.fromkeys(f"`{job.name or job.symbol}`" for job, _ in places.values()))
        names = ", ".join(jobs[:3]) + (" and others" if len(jobs) > 3 else "")
        message = f"{names}: a second attempt has the {_NOUNS[what]} a second time, as nothing tells it of the first."
        (_, first), *rest = places.values()
        severity: Severity | None = None if what == "money" else "high"
        yield Fail(first, message, (system,), tuple(s for _, s in rest), confidence="likely", severity=severity)


def _is_followed(evidence: Evidence, job: Job, call: Reached | None) -> bool:
    """True if a job does something more after a call, which may fail, or if the call stands in a loop."""
    calls = evidence.calls(job)
    while call is not None:
        after = (c for c in calls if c.function == call.function and c.node.start_byte > call.node.end_byte)
        if call.in_loop or any(not _LOGS.search(c.written) and enclosing(c.node, _APART) is None for c in after):
            return True
        call = call.by
    return False


def _is_marked(call: Reached | None) -> bool:
    """True if a function on the way looks whether it has been done, or sees to it that it is done once."""
    while call is not None:
        if _MARKS.search(call.function.text or b""):
            return True
        call = call.by
    return False


_CODE = (
    'import { Queue, Worker } from "bullmq";\nimport Stripe from "stripe";\nconst stripe = new Stripe(process.env.STRIPE_KEY!);\n'
    'const q = new Queue("charge", { defaultJobOptions: { attempts: 3 } });\n'
    'new Worker("charge", async (job) => {\n  await stripe.paymentIntents.create({ amount: job.data.amount }KEY);\n});\n'
)

RULE = Rule(
    id="JOB107",
    name="non-idempotent-side-effect",
    title="What a second attempt does a second time",
    severity="critical",
    systems=(),
    what="A payment, a mail or a message in a job that is tried again when it fails, without a key by which the provider knows the "
    "second one, and without a look at what has been done; or with a key that is another one in each attempt. Mail and messages are high, "
    "and count where the job goes on after them.",
    why="A job that did its work and died before it could say so is tried again. With money the customer pays twice.",
    how="Calls of known providers on the way from the body of the job, and the retries of the job, its queue and its enqueues. A key in "
    "the call (`idempotencyKey`, `messageId`), `ON CONFLICT`, `SET NX` and names such as `sentAt` on the way are believed, and so is "
    "a durable step of its own; where the job reads from a database, it may know by that, and the answer is unknown.",
    false_alarms="Providers that keep out the second one by what is in it.",
    migration="A target that tries again by default (pg-boss, Inngest) makes second attempts where the old system made none.",
    fix="none",
    hint="Hand the provider a key that is made of the job's data, such as `order-42`, or mark what is done before it is done again.",
    effort=Effort(60, 180, "place", "an estimate"),
    sources=("BullMQ guide, Patterns, Idempotent jobs", "Stripe documentation, Idempotent requests", "Celery user guide, Tasks"),
    examples=(
        Example(
            "bullmq",
            bad={"charge.ts": _CODE.replace("KEY);", ");")},
            good={"charge.ts": _CODE.replace("KEY);", ", { idempotencyKey: `charge-${job.data.order}` });")},
        ),
    ),
    check=check,
    related=("JOB108", "JOB605"),
)
