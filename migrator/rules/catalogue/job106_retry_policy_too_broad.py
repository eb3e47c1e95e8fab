"""JOB106: a job is tried again though that cannot help, or without an end."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, Literal, Value
from migrator.rules.evidence import Evidence, number, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule

_QUEUES = ("bullmq", "bull")
#: systems whose jobs carry their own policy
_TASKS = ("celery", "huey", "procrastinate", "taskiq", "dramatiq")
#: exceptions that are every exception
_ANY = frozenset(("Exception", "BaseException"))
#: more attempts than this are a loop
_MANY = 50


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all policies without an end, one for all that take any error, by system."""
    for system in _TASKS:
        said = [job for job in evidence.of(Job, system) if job.retry is not None and job.retry.automatic and _is_written(job)]
        endless = [job for job in said if job.retry is not None and _is_endless(job.retry.max_attempts)]
        broad = [job for job in said if system == "celery" and job not in endless and _takes_any(job)]
        if endless:
            message = f"{len(endless)} of {len(said)} policies have no end, or hardly one: what cannot succeed is tried for ever."
            yield Fail(spot(endless[0]), message, (system,), spots(endless[1:]))
        if broad:
            message = (
                f"{len(broad)} of {len(said)} policies retry any error: a wrong argument and a bug are tried again like a lost connection."
            )
            yield Fail(spot(broad[0]), message, (system,), spots(broad[1:]))
        if said and not endless and not broad:
            yield Pass(spot(said[0], "retries name their errors and their end"))
    for system in _QUEUES:
        said_here = [e for e in evidence.of(Enqueue, system) if number(e.max_attempts) is not None]
        many = [e for e in said_here if _is_endless(e.max_attempts)]
        if many:
            message = (
                f"{len(many)} of {len(said_here)} enqueues allow more than {_MANY} attempts: what cannot succeed is tried over and over."
            )
            yield Fail(spot(many[0]), message, (system,), spots(many[1:]))
        elif said_here:
            yield Pass(spot(said_here[0], "attempts have an end"))


def _is_written(job: Job) -> bool:
    """True for a policy of the job's own, as opposed to its system's."""
    return job.retry is not None and (job.retry.explicit or bool(job.retry.on))


def _is_endless(attempts: Value | None) -> bool:
    return isinstance(attempts, Literal) and (attempts.value is None or (number(attempts) or 0) > _MANY)


def _takes_any(job: Job) -> bool:
    return job.retry is not None and not job.retry.never_on and bool(_ANY.intersection(job.retry.on))


_TASK = "from celery import shared_task\n\n@shared_task(autoretry_for=ERRORS, retry_backoff=True)\ndef send(to):\n    deliver(to)\n"
_ADD = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'mails.add("welcome", { to: 1 }, { attempts: COUNT, backoff: { type: "exponential", delay: 1000 } });\n'
)

RULE = Rule(
    id="JOB106",
    name="retry-policy-too-broad",
    title="Retries that cannot help, or never end",
    severity="medium",
    systems=(*_TASKS, *_QUEUES),
    what="Celery's `autoretry_for=(Exception,)` without `dont_autoretry_for`; a policy without an end, such as `max_retries=None`; more "
    "than fifty attempts in BullMQ and Bull.",
    why="A job that fails because its data is wrong fails each time. The attempts take the place of work that can succeed, put a service "
    "that has said no under load, and delay the moment at which somebody hears of it.",
    how="The policies as written in decorators, in calls and in the defaults of queues. Defaults of the systems are no finding.",
    false_alarms="Jobs that use retries to wait for something, and look for it each time.",
    migration="Where the target tells errors apart (`NonRetriableError`, `UnrecoverableError`), the rewrite is the moment to do so.",
    fix="none",
    hint="Name the errors that pass by themselves, and a number of attempts; let the others fail at once: `dont_autoretry_for`, "
    "`UnrecoverableError`, `NonRetriableError`.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("BullMQ guide, Patterns, Stop retrying jobs", "Celery user guide, Tasks, Retrying"),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("ERRORS", "(Exception,)")},
            good={"tasks.py": _TASK.replace("ERRORS", "(ConnectionError, TimeoutError)")},
        ),
        Example("bullmq", bad={"mail.ts": _ADD.replace("COUNT", "1000")}, good={"mail.ts": _ADD.replace("COUNT", "5")}),
    ),
    check=check,
    related=("JOB101", "JOB102"),
)
