"""JOB101: a job that fails once is never tried again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, literal_of
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.nest_queues import attempts_said
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

_QUEUES = ("bullmq", "bull")
_TASKS = ("celery", "rq")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each queue, or for all tasks of a system whose retries are written at the tasks."""
    for system in _QUEUES:
        yield from _queues(evidence, system)
    for system in _TASKS:
        yield from _tasks(evidence, system)


def _queues(evidence: Evidence, system: str) -> Iterator[Outcome]:
    by_queue: defaultdict[str, list[Enqueue]] = defaultdict(list)
    for enqueue in evidence.of(Enqueue, system):
        by_queue[str(literal_of(enqueue.queue) or "")].append(enqueue)
    for queue, enqueues in by_queue.items():
        # Whoever writes `attempts: 1` has thought of it.
        said = attempts_said(evidence, system, queue)
        once = [e for e in enqueues if e.max_attempts is None and said != "yes"]
        unclear = [e for e in once if "..." in e.options or not queue or said == "open"]
        plain = [e for e in once if e not in unclear]
        name = f"the queue `{queue}`" if queue else "a queue whose name is only known at run time"
        if plain:
            message = f"Nothing says how often a job of {name} is tried: one failure and it stays in the failed set."
            yield Fail(spot(plain[0]), message, (system,), spots(plain[1:]))
        elif unclear:
            yield Undecided(f"whether jobs of {name} are tried again is only known at run time", spot(unclear[0]))
        else:
            yield Pass(spot(enqueues[0], f"every job of {name} says its attempts"))


def _tasks(evidence: Evidence, system: str) -> Iterator[Outcome]:
    jobs = evidence.of(Job, system)
    enqueues = [e for e in evidence.of(Enqueue, system) if e.max_attempts is not None]
    retried = {e.job for e in enqueues}
    once = [j for j in jobs if not _says(j) and f"{j.module}:{j.symbol}" not in retried]
    if once:
        message = (
            f"No retry policy reaches {len(once)} of {len(jobs)} jobs: whatever fails in them, a broken connection too, fails for good."
        )
        yield Fail(spot(once[0]), message, (system,), spots(once[1:]))
    elif jobs:
        yield Pass(spot(jobs[0], "every job says when it is tried again"))


def _says(job: Job) -> bool:
    """True for a job that is tried again by itself, or that asks for it in its body."""
    retry = job.retry
    return (retry is not None and (retry.automatic or retry.explicit)) or any("retry" in use.feature for use in job.uses)


_SEND = (
    'import { Queue, Worker } from "bullmq";\n'
    'export const mails = new Queue("mail"OPTIONS);\nnew Worker("mail", async (job) => send(job.data));\n'
)
_CALL = 'mails.add("welcome", { to: 1 });\n'

RULE = Rule(
    id="JOB101",
    name="retries-not-configured",
    title="Jobs that are tried only once",
    severity="critical",
    systems=(*_QUEUES, *_TASKS),
    what="Jobs of BullMQ, Bull, RQ and Celery that no retry policy reaches: no `attempts` in the call or in the queue's "
    "`defaultJobOptions`; no `retry=`; no `autoretry_for`, no `self.retry`, no base class that says so.",
    why="These systems try a job once unless they are told otherwise. A dropped connection, a deployment or a rate limit is then "
    "enough to lose a mail or a payment. (pg-boss tries three times by itself, Inngest four, Dramatiq for days.)",
    how="The options of each call are laid over the defaults of its queue, with NestJS those of its registration and of `forRoot`; "
    "options that are only known at run time make the answer unknown. One finding for each queue, or for all tasks of a system, lists "
    "the places.",
    false_alarms="Jobs that must not run twice, and say so nowhere.",
    migration="A target with retries of its own begins to retry such jobs. A rewrite writes the number out, so that nothing changes "
    "by itself.",
    fix="unsafe",
    hint="Say how often and how soon: five times with growing delays for mail, three times half a minute apart for payments.",
    effort=Effort(30, 60, "project", "an estimate; adding a policy to a further queue takes five minutes"),
    sources=("BullMQ guide, Retrying failing jobs; measured with BullMQ 6.7: a job without options ran once and stood in the failed set",),
    examples=(
        Example(
            "bullmq",
            bad={"queue.ts": _SEND.replace("OPTIONS", "") + _CALL},
            good={"queue.ts": _SEND.replace("OPTIONS", ", { defaultJobOptions: { attempts: 5, backoff: 1000 } }") + _CALL},
        ),
        Example(
            "celery",
            bad={"tasks.py": "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"},
            good={
                "tasks.py": "from celery import shared_task\n\n@shared_task(autoretry_for=(OSError,), retry_backoff=True)\n"
                "def send(to):\n    deliver(to)\n"
            },
        ),
    ),
    check=check,
    absence=True,
)
