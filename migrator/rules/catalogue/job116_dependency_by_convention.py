"""JOB116: jobs that have to run one after the other, and only their bodies know."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, literal_of
from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence, spot
from migrator.rules.inside_jobs import enqueued_by
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.syntax.tree import enclosing

#: system -> what it has for jobs that run one after the other
_CHAINS = {
    "bullmq": "`FlowProducer`",
    "celery": "`chain()`",
    "pg-boss": "`flow()`, or a batch of steps in one job",
    "dramatiq": "`pipeline()`",
    "rq": "`depends_on`",
    "qstash": "Upstash Workflow",
    "taskiq": "`taskiq-pipelines`",
}
#: forms of enqueues that say what comes after what
_TOLD = frozenset(("flow", "chain", "group", "chord", "pipeline", "signature", "link", "si", "s"))
#: forms of enqueues that put many jobs on their way at once
_MANY = frozenset(("addBulk", "insert", "batchJSON", "batch"))
#: how many functions may lead to an enqueue that is still the job's own business
_NEAR = 1
_QUEUES = ("bullmq", "pg-boss")
_CATCHES = ("catch_clause", "except_clause")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that has something for such jobs."""
    for system, means in _CHAINS.items():
        steps: dict[tuple[str, str], Spot] = {}
        told: Enqueue | None = None
        for job, enqueue, reached in enqueued_by(evidence, system):
            if enqueue.form in _TOLD or enqueue.options.keys() & {"link", "depends_on", "parent"}:
                told = told or enqueue
                continue
            follower = _follower(evidence, enqueue)
            # One for each of many splits work up; one in a catch is for failures; a job that enqueues itself goes on with its work.
            far = len(reached.via) > _NEAR
            many = reached.in_loop or enqueue.in_loop or enqueue.form in _MANY
            once = not far and not many and enclosing(reached.node, _CATCHES) is None
            own = _names(job) & _names(follower) if follower is not None else {""}
            if once and not own and follower is not None:
                pair = (job.name or job.symbol, follower.name or follower.symbol)
                steps.setdefault(pair, spot(enqueue, f"`{pair[0]}` starts `{pair[1]}`"))
        if steps:
            first, *others = steps.values()
            message = f"{first.what} itself: that one comes after the other stands in no flow, and nobody sees where it broke off."
            yield Fail(first, message, (system,), tuple(others), confidence="possible", fix=f"Say so in the system's words: {means}.")
        elif told is not None:
            yield Pass(spot(told, "says what comes after what"))


def _follower(evidence: Evidence, enqueue: Enqueue) -> Job | None:
    """The job that an enqueue starts; None where that cannot be told."""
    for job in evidence.of(Job, enqueue.system):
        queue = literal_of(enqueue.queue) if enqueue.system in _QUEUES else None
        if enqueue.job and enqueue.job == job.identity:
            return job
        if (enqueue.name and enqueue.name == job.name) or (isinstance(queue, str) and queue in (literal_of(job.queue), job.name)):
            return job
    return None


def _names(job: Job) -> set[str]:
    return {job.identity, job.name, job.location.place} - {""}


_JOBS = (
    'import { FlowProducer, Queue, Worker } from "bullmq";\nconst mails = new Queue("mail");\nconst flows = new FlowProducer();\n'
    'new Worker("mail", async (job) => send(job.data));\nnew Worker("report", async (job) => {\n  const path = await render(job.data);\n'
    "  NEXT\n});\n"
)
_FLOW = (
    'await flows.add({ name: "sent", queueName: "report", data: { path },\n'
    '    children: [{ name: "report", queueName: "mail", data: { path } }] });'
)
_TASKS = "from celery import chain, shared_task\n\n@shared_task\ndef render(day): ...BODY\n\n@shared_task\ndef send(path): ...\n"

RULE = Rule(
    id="JOB116",
    name="dependency-by-convention",
    title="Jobs that start the next one themselves",
    severity="medium",
    systems=tuple(_CHAINS),
    what="A job whose body enqueues another job, once, when its own work is done: a chain that stands nowhere as one.",
    why="Which job follows which has to be read out of bodies. When one in the middle fails, the rest never starts and nothing is marked "
    "as "
    "unfinished; when it is run again, what it had started is started again.",
    how="Enqueues in a job's body and in the functions that it calls itself. Those in a loop (work that is split up), in a catch, of the "
    "job itself, and those "
    "that a flow or chain says are left out. Schedules that are set one after the other by the clock are not looked at.",
    false_alarms="A job that only lets others know of something, and does not care what comes of it.",
    migration="Such a chain is one workflow in a target that has them (Inngest's steps): move its jobs together.",
    fix="none",
    hint="Use a flow or chain of the system.",
    effort=Effort(120, 360, "place", "an estimate"),
    sources=("BullMQ guide, Flows", "Celery user guide, Canvas"),
    examples=(
        Example(
            "bullmq",
            bad={"report.ts": _JOBS.replace("NEXT", 'await mails.add("report", { path });')},
            good={"report.ts": _JOBS.replace("NEXT", _FLOW)},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASKS.replace("...BODY", "\n    send.delay(write(day))")},
            good={"tasks.py": _TASKS.replace("BODY", "") + "\ndef report(day):\n    chain(render.s(day), send.s()).delay()\n"},
        ),
    ),
    check=check,
)
