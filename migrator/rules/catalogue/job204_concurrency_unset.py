"""JOB204: a worker that runs one job at a time, and waits most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, Schedule, Setting, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.waiting import waits_for
from migrator.rules.worker_options import at_once, default_concurrency, queue_of
from migrator.systems import SYSTEMS

_SYSTEMS = ("bullmq", "bull", "pg-boss")
#: how code says that one at a time is meant
_SERIAL = regex(rb"serial|sequen|fifo|single|one at a time|one by one|in order|exclusive|mutex|concurren", re.IGNORECASE)
#: lines above the place where a worker is made that may say so
_ABOVE = 4


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all workers of each system that run one job at a time."""
    for system in _SYSTEMS:
        slow: list[Job] = []
        for job in evidence.of(Job, system):
            outcome = _of(evidence, job)
            if isinstance(outcome, Fail):
                slow.append(job)
            elif outcome is not None:
                yield outcome
        if slow:
            names = ", ".join(f"`{job.name}`" for job in slow[:4] if job.name) + (" and others" if len(slow) > 4 else "")
            message = (
                f"{'A worker runs' if len(slow) == 1 else f'{len(slow)} workers run'} one job at a time, and wait{'s' * (len(slow) == 1)}"
            )
            message += f" for others most of it: {names}." if names else " for others most of it."
            yield Fail(spot(slow[0]), message, (system,), spots(slow[1:]))


def _of(evidence: Evidence, job: Job) -> Outcome | None:
    concurrency = at_once(evidence, job)
    if concurrency.said:
        return Pass(spot(job, "says how many jobs run at once"))
    if concurrency.jobs is None:
        return Undecided("how many jobs a worker runs at once is only known at run time", spot(job))
    if evidence.handler(job) is None:
        return Undecided("the code of a job was not found", spot(job))
    if concurrency.jobs > 1 or waits_for(evidence, job) is None:
        return None
    queue = queue_of(job)
    if _is_meant(evidence, job, queue):
        return Pass(spot(job, "one at a time is meant"))
    if not any(queue and literal_of(e.queue) == queue for e in evidence.of(Enqueue, job.system)):
        if any(queue and queue in (literal_of(s.queue), s.name) for s in evidence.of(Schedule, job.system)):
            return Pass(spot(job, "is only started by a schedule"))
        return Undecided("nobody is seen to enqueue its jobs", spot(job))
    return Fail(spot(job), "")


def _is_meant(evidence: Evidence, job: Job, queue: str) -> bool:
    """True if the code says that jobs shall run one after the other, or at a rate."""
    if job.rate_limit is not None or _SERIAL.search(queue.encode()):
        return True
    if any(
        "globalConcurrency" in s.options or literal_of(s.options.get("policy")) in ("singleton", "stately", "exclusive")
        for s in evidence.of(Setting, job.system)
        if s.name == queue
    ):
        return True
    if literal_of(job.options.get("policy")) in ("singleton", "stately", "exclusive"):
        return True
    lines = evidence.bodies.view(job.location.path).source.data.split(b"\n")
    above = lines[max(0, job.location.line - 1 - _ABOVE) : job.location.line - 1]
    return any(_SERIAL.search(line) for line in above if line.lstrip().startswith((b"//", b"*", b"/*")))


_CODE = (
    'import { Queue, Worker } from "bullmq";\nimport axios from "axios";\nconst rates = new Queue("rates");\n'
    'export const ask = (url: string) => rates.add("ask", { url });\n'
    'new Worker("rates", async (job) => (await axios.get(job.data.url)).data, { connectionOPTIONS });\n'
)
_BOSS = (
    'import { PgBoss } from "pg-boss";\nimport axios from "axios";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'export const ask = (url: string) => boss.send("rates", { url });\n'
    'await boss.work("rates", OPTIONSasync ([job]) => (await axios.get(job.data.url)).data);\n'
)

RULE = Rule(
    id="JOB204",
    name="concurrency-unset",
    title="Workers that run one job at a time",
    severity="medium",
    systems=_SYSTEMS,
    what="A worker of " + ", ".join(SYSTEMS[s].title for s in _SYSTEMS) + " without a concurrency, whose job asks a database or another "
    "service, and whose jobs the code enqueues.",
    why="By default it runs "
    f"{default_concurrency('bullmq')} job at a time and waits with it for the network. Measured with BullMQ, 20 jobs of 50 ms: 1,068 ms, "
    "and 152 ms with a concurrency of 10. pg-boss takes one job each two seconds: ten jobs took 18 s.",
    how="The options of the worker, and the calls in the body of its job. A name, a comment, a limiter or a policy that says one at a time "
    "is believed; workers whose jobs only a schedule starts need no more than one. Options that only the run knows make it unknown.",
    false_alarms="Workers that run in many processes, and jobs that come seldom.",
    migration="Defaults differ: Celery takes as many as there are cores, Inngest as many as the plan allows.",
    fix="unsafe",
    hint="Set a concurrency, 5 to 20 to begin with, no more than the pool has connections; or say in a comment that one is meant.",
    effort=Effort(15, 60, "place", "an audit made by hand: 1 hour"),
    sources=("measured with BullMQ 6.7 and pg-boss 12.31", "BullMQ guide, Workers, Concurrency"),
    examples=(
        Example("bullmq", bad={"rates.ts": _CODE.replace("OPTIONS", "")}, good={"rates.ts": _CODE.replace("OPTIONS", ", concurrency: 10")}),
        Example(
            "pg-boss",
            bad={"rates.ts": _BOSS.replace("OPTIONS", "")},
            good={"rates.ts": _BOSS.replace("OPTIONS", "{ localConcurrency: 10 }, ")},
        ),
    ),
    check=check,
    related=("JOB206",),
)
