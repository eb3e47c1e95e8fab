"""JOB207: jobs that use up a quota as fast as they can."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from operator import itemgetter

from migrator.jobs import Enqueue, Job, Setting, literal_of
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.loop_nests import loops_of
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.sent import effect_of
from migrator.rules.worker_options import queue_of
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of
from migrator.systems.effects import LIMITERS

#: what providers count, and what it is called
_COUNTED = {"mail": "sends mail", "message": "sends messages", "model": "asks a language model"}
#: options of a job, worker or queue that keep a rate
_LIMITS = ("limiter", "rate_limit", "rateLimit", "throttle", "flowControl", "flow_control", "concurrency")
_LIMITED_BY = regex(r"limit|throttle|bottleneck|semaphore", re.IGNORECASE)
#: systems whose concurrency is one over all machines, and so keeps a rate as well
_GLOBAL = ("inngest", "trigger.dev", "qstash")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each kind of quota that jobs of a system use."""
    users: defaultdict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in evidence.of(Job):
        for kind in {_counts(call) for call in evidence.calls(job)} & _COUNTED.keys():
            users[job.system, kind].append(job)
    for (system, kind), jobs in sorted(users.items(), key=itemgetter(0)):
        yield _of(evidence, system, _COUNTED[kind], jobs)


def _of(evidence: Evidence, system: str, does: str, users: list[Job]) -> Outcome:
    limited = next((job for job in users if _is_limited(job)), None)
    if limited is not None:
        return Pass(spot(limited, "keeps a rate"))
    setting = next((s for s in evidence.of(Setting, system) if {"globalRateLimit", "rate_limit"} & s.options.keys()), None)
    if setting is not None:
        return Pass(spot(setting, "keeps a rate"))
    called = next((c for job in users for c in evidence.calls(job) if _LIMITED_BY.search(c.written)), None)
    if called is not None:
        return Pass(spot(called.view.source.location(called.node, at=called.callee), f"`{called.written}`"))
    package = evidence.package(*LIMITERS)
    if package is not None:
        return Undecided(f"`{package.what}` is among the packages, and may keep the rate of what {does}", package)
    many = [(job, where) for job in users if (where := _comes_in_bulk(evidence, job)) is not None]
    if not many:
        return Undecided(f"how many jobs there are of one that {does} is only known at run time", spot(users[0]))
    names = ", ".join(dict.fromkeys(f"`{job.name or job.symbol}`" for job, _ in many[:3])) + (" and others" if len(many) > 3 else "")
    message = f"{names} {does} once for each of many ({many[0][1].path}:{many[0][1].line}), and nothing keeps a rate."
    others = (*(where for _, where in many), *spots(job for job, _ in many[1:]))
    return Fail(spot(many[0][0]), message, (system,), others, confidence="likely")


def _comes_in_bulk(evidence: Evidence, job: Job) -> Spot | None:
    """Where a job is put on its way for each of many, or does its work for each of many."""
    names = {job.name, *(literal_of(trigger.value) for trigger in job.triggers)} - {""}
    for enqueue in evidence.of(Enqueue, job.system):
        ours = (enqueue.job and enqueue.job == job.identity) or enqueue.name in names
        if enqueue.in_loop and (ours or (queue_of(job) and literal_of(enqueue.queue) == queue_of(job))):
            return spot(enqueue)
    for call in evidence.calls(job):
        if call.in_loop and _counts(call) in _COUNTED and loops_of(call):
            return spot(call.view.source.location(call.node, at=call.callee))
    return None


def _counts(call: Reached) -> str:
    return effect_of(call) or _kind(call.meaning.key)


@cache
def _kind(key: str) -> str:
    return kind_of(key, in_loop=False) or ""


def _is_limited(job: Job) -> bool:
    options = _LIMITS if job.system in _GLOBAL else _LIMITS[:-1]
    return job.rate_limit is not None or any(option in job.options for option in options)


_CODE = (
    'import { Queue, Worker } from "bullmq";\nimport nodemailer from "nodemailer";\nconst mail = nodemailer.createTransport({});\n'
    'export const news = (all: User[]) => all.map((user) => new Queue("mail").add("news", { to: user.mail }));\n'
    'new Worker("mail", async (job) => {\n  await mail.sendMail({ to: job.data.to });\n}, { connectionOPTIONS });\n'
)
_TASK = (
    "from celery import shared_task\nfrom django.core.mail import send_mail\n\n@shared_taskOPTIONS\ndef tell(to):\n"
    "    send_mail('x', 'y', 'z', [to])\n\ndef news(users):\n    for user in users:\n        tell.delay(user.email)\n"
)

RULE = Rule(
    id="JOB207",
    name="no-rate-limit",
    title="Quotas used as fast as possible",
    severity="high",
    systems=(),
    what="Jobs that send mail or messages, or ask a language model, once for each of many: they do so in a loop, or are put on their way "
    "in one. And no job of the system that does so has a limiter, nor is code on the way called one.",
    why="A queue hands out a thousand jobs in a second. The provider answers with errors from its limit on, each of which is retried and "
    "counted again; for mail the address of the sender is blocked in the end.",
    how="Calls of known providers on the way from the body of the job; `limiter` (BullMQ), `rate_limit` (Celery), `throttle`, `rateLimit`, "
    "`concurrency` (Inngest), `flowControl` (QStash), names of calls. A package of limiters in a manifest makes the answer unknown, and so "
    "do jobs that are not seen to come in bulk.",
    false_alarms="Volumes that never come near the limit, and limits kept by a gateway.",
    migration="Limits are kept for each worker in Celery, over all workers in BullMQ, and by key in Inngest and QStash.",
    fix="none",
    hint="Set a rate below the provider's where it is asked.",
    hints={
        "bullmq": "Set a rate below the provider's: `limiter: { max, duration }` of the worker.",
        "bull": "Set a rate below the provider's: `limiter: { max, duration }` of the queue.",
        "celery": "Set a rate below the provider's: `rate_limit` of the task, which counts in each worker by itself.",
        "inngest": "Set a rate below the provider's: `throttle` of the function.",
    },
    effort=Effort(60, 120, "project", "an audit made by hand: 2 hours"),
    sources=("BullMQ guide, Rate limiting", "Celery user guide, Tasks, rate_limit"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _CODE.replace("OPTIONS", "")},
            good={"mail.ts": _CODE.replace("OPTIONS", ", limiter: { max: 10, duration: 1_000 }")},
        ),
        Example(
            "celery", bad={"tasks.py": _TASK.replace("OPTIONS", "")}, good={"tasks.py": _TASK.replace("OPTIONS", "(rate_limit='10/s')")}
        ),
    ),
    check=check,
    related=("JOB204", "JOB606"),
)
