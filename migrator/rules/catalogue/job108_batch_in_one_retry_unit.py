"""JOB108: many effects in one attempt, all of which the next attempt has again."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.database_calls import Query, queries
from migrator.rules.evidence import Evidence, spot
from migrator.rules.loop_nests import Loop, loops_of
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.sent import effects, is_retried, is_step
from migrator.scanners.bodies import Reached
from migrator.syntax.tree import ancestors, contains

_TRIES = ("try_statement",)
_SETTLED = regex(rb"allSettled|return_exceptions\s*=\s*True|fail_silently\s*=\s*True")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job with effects in a loop."""
    told: set[tuple[str, int]] = set()
    clean: Job | None = None
    for job in evidence.jobs:
        looped = [(call, what, loops) for call, what in effects(evidence, job) if call.in_loop and (loops := loops_of(call))]
        looped = [(call, what, loops) for call, what, loops in looped if not is_step(call)]
        if not looped:
            clean = clean or (job if evidence.calls(job) else None)
            continue
        retried = is_retried(evidence, job)
        changes = [query for query in queries(evidence, job) if query.call.in_loop and query.doing in ("adds", "changes", "removes")]
        for call, what, loops in looped:
            where = spot(call.view.source.location(call.node, at=call.callee), f"`{call.written}`")
            if (where.path, where.line) in told:
                continue
            told.add((where.path, where.line))
            yield _of(job, call, what, loops, changes, where, retried=retried)
    if clean is not None:
        yield Pass(spot(clean, "no effects in a loop"))


def _of(job: Job, call: Reached, what: str, loops: tuple[Loop, ...], changes: list[Query], where: Spot, *, retried: bool | None) -> Outcome:
    if _is_caught(call, loops[-1].node):
        return Pass(Spot(where.path, where.line, "one that fails does not stop the others"))
    if any(loops[-1].node.id in {loop.node.id for loop in loops_of(query.call)} for query in changes):
        return Pass(Spot(where.path, where.line, "each round keeps what it did"))
    if not retried:
        reason = (
            "whether a job is tried again is only known at run time"
            if retried is None
            else "a job with effects in a loop is not tried again"
        )
        return Undecided(reason, where) if retried is None else Pass(Spot(where.path, where.line, reason))
    name = f"`{job.name or job.symbol}`" if job.name or job.symbol else "A job"
    noun = {"mail": "a mail", "message": "a message", "money": "a payment"}[what]
    message = (
        f"{name} makes {noun} for each of `{loops[-1].label}` in one attempt: when one fails, the next attempt makes all of them again."
    )
    return Fail(where, message, (job.system,), confidence="likely")


def _is_caught(call: Reached | None, loop: Node) -> bool:
    """True if an error of the call is caught in the round in which it comes, or all rounds are waited for."""
    while call is not None:
        for around in ancestors(call.node):
            if around.id == call.function.id:
                break
            if around.type in _TRIES and not contains(around, loop):
                return True
            if around.type in ("call", "call_expression") and _SETTLED.search((around.text or b"")[:4_000]) and contains(around, loop):
                return True
        if _SETTLED.search(call.node.text or b""):
            return True
        call = call.by
    return False


_CODE = (
    'import { Queue, Worker } from "bullmq";\nimport nodemailer from "nodemailer";\nimport { db } from "./db";\n'
    'const mail = nodemailer.createTransport({});\nconst q = new Queue("news", { defaultJobOptions: { attempts: 3 } });\n'
    'new Worker("news", async (job) => {\nBODY});\n'
)

RULE = Rule(
    id="JOB108",
    name="batch-in-one-retry-unit",
    title="Many effects in one attempt",
    severity="high",
    systems=(),
    what="A mail, a message or a payment in a loop over many, in a job that is tried again when it fails, where neither the round catches "
    "its own error nor keeps in the database what it did.",
    why="The 80th of 200 mails fails, the job is tried again, and 79 people have the mail twice; with five attempts, five times.",
    how="Calls of known providers in loops, on the way from the body of the job; the retries of the job, of its queue and of its enqueues. "
    "A durable step for each round, a `try` in the round, `allSettled`, and a change of a row in the same loop are believed.",
    false_alarms="Providers that keep out the second one themselves.",
    migration="The same, unless the rounds become jobs or steps of their own on the way.",
    fix="none",
    hint="Put one job on its way for each, or write down for each that it is done, and leave out what is.",
    effort=Effort(60, 180, "place", "an estimate"),
    sources=("pg-boss documentation, Workers: a batch fails as a whole",),
    examples=(
        Example(
            "bullmq",
            bad={"news.ts": _CODE.replace("BODY", "  for (const to of job.data.all) await mail.sendMail({ to });\n")},
            good={"news.ts": _CODE.replace("BODY", "  await mail.sendMail({ to: job.data.to });\n")},
        ),
    ),
    check=check,
    related=("JOB107", "JOB202"),
)
