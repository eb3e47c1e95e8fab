"""JOB505: what is sent is not what the job takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, Location
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.payload_keys import keys, reads
from migrator.rules.receivers import receivers
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.signatures import COMPLETE, misfit

_FIELDS = ("bullmq", "bull", "inngest")
_SYSTEMS = (*COMPLETE, *_FIELDS)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """Outcomes for calls that do not fit a function of Python, and for fields that a handler of JavaScript reads and nobody sends."""
    yield from _calls(evidence)
    yield from _fields(evidence)


def _calls(evidence: Evidence) -> Iterator[Outcome]:
    jobs = _by_symbol(evidence)
    fits: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue, *COMPLETE):
        if enqueue.language != "python" or enqueue.form not in COMPLETE[enqueue.system] or enqueue.confidence != "certain":
            continue
        found = jobs.get(enqueue.job, [])
        if len(found) != 1 or _is_wrapped(evidence, found[0]):
            continue
        job, what = found[0], misfit(found[0], enqueue)
        if what:
            # Celery compares them when it is called; elsewhere the worker is the first to.
            fails = "the call" if job.system == "celery" else "the worker that is handed it"
            message = f"`{job.name or job.symbol}` {what}: {fails} fails with a TypeError."
            yield Fail(spot(enqueue), message, (job.system,), (spot(job),))
        elif what is not None:
            fits.setdefault(enqueue.system, enqueue)
    for enqueue in fits.values():
        yield Pass(spot(enqueue, "what is handed over fits the function"))


def _by_symbol(evidence: Evidence) -> dict[str, list[Job]]:
    jobs: defaultdict[str, list[Job]] = defaultdict(list)
    for job in evidence.of(Job, *COMPLETE):
        if job.symbol:
            jobs[f"{job.module}:{job.symbol}"].append(job)
    return jobs


def _is_wrapped(evidence: Evidence, job: Job) -> bool:
    """True where another decorator stands on the function, which may hand it more or take something away."""
    found = evidence.handler(job)
    outer = found[1].parent if found is not None else None
    return outer is not None and outer.type == "decorated_definition" and sum(c.type == "decorator" for c in outer.children) > 1


def _fields(evidence: Evidence) -> Iterator[Outcome]:
    sent: defaultdict[Location, list[Enqueue]] = defaultdict(list)
    lost: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue, *_FIELDS):
        takers = list(receivers(evidence, enqueue))
        for job in takers:
            sent[job.location].append(enqueue)
        if not takers and not enqueue.name:
            lost.setdefault(enqueue.system, enqueue)
    for job in evidence.of(Job, *_FIELDS):
        enqueues = sent[job.location]
        if not enqueues:
            continue
        known = [keys(evidence, enqueue) for enqueue in enqueues]
        if job.system in lost or any(k is None for k in known):
            where = lost.get(job.system) or next(e for e, k in zip(enqueues, known, strict=True) if k is None)
            yield Undecided("what jobs are sent is in part only known at run time", spot(where))
            continue
        everything = frozenset[str]().union(*(k for k in known if k is not None))
        missing = {read.name: read for read in reads(evidence, job) if read.name not in everything}
        for read in missing.values():
            name = f"`{job.name or job.symbol}`"
            message = f"{name} reads `{read.name}`, which nobody sends: of all that it is sent, none has a field of that name."
            where = spot(read.view.source.location(read.node), read.name)
            yield Fail(where, message, (job.system,), spots(enqueues), "likely", severity="medium")
        if not missing:
            yield Pass(spot(job, "reads nothing that is not sent"))


_TASK = "from celery import shared_task\n\n\n@shared_task\ndef send(to, text):\n    ...\n\n\ndef welcome(user):\n    send.delay(GIVEN)\n"
_QUEUE = (
    'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("mail", { connection: { host: "redis" } });\n'
    'new Worker("mail", async (job) => deliver(job.data.address), { connection: { host: "redis" } });\n'
    'export const welcome = (user: User) => mails.add("welcome", GIVEN);\n'
)

RULE = Rule(
    id="JOB505",
    name="payload-contract-mismatch",
    title="Jobs that are sent something else than they take",
    severity="high",
    systems=_SYSTEMS,
    what="In Python a call that enqueues and does not fit the function of the job: too many values, a keyword that it does not take, a "
    "parameter that it needs and is not handed. In TypeScript and JavaScript a field of the payload that a handler reads and no call "
    "sends.",
    why="Measured with Celery 5.7.0, the call is a TypeError, on the day that the line is reached; with Dramatiq 2.2.1 it succeeds, and "
    "the job fails with every attempt. A field that is not there is `undefined` and fails much later, or not at all.",
    how="The call is followed to the function, whose parameters are compared; calls with `*` and `**`, functions under more than one "
    "decorator, and signatures that are completed later are left out. Fields are compared where every call that leads to the job says all "
    "that it sends; those with a default, or that are asked for first, are left out.",
    false_alarms="Jobs that another repository enqueues.",
    migration="A target with schemas, such as Inngest with `eventType`, refuses at once what the source took.",
    fix="none",
    hint="Bring the call and the function into line; one type or schema for both keeps them there.",
    effort=Effort(15, 45, "place", "an estimate"),
    sources=("of 764 calls in public applications three did not fit; all three fail when they run",),
    examples=(
        Example(
            "celery", bad={"tasks.py": _TASK.replace("GIVEN", "user.mail")}, good={"tasks.py": _TASK.replace("GIVEN", 'user.mail, "hi"')}
        ),
        Example(
            "bullmq",
            bad={"mail.ts": _QUEUE.replace("GIVEN", "{ to: user.mail }")},
            good={"mail.ts": _QUEUE.replace("GIVEN", "{ address: user.mail }")},
        ),
    ),
    check=check,
    related=("JOB501", "JOB502"),
)
