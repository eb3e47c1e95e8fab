"""JOB103: a job that failed for good is left where it fell."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job
from migrator.jobs.findings import Severity
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.failure_paths import DEAD_LETTERS, dead_letter, hook, tracker, unclear
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems import SYSTEMS

#: system -> what becomes of a job that failed for good, when nothing else is said
_LEFT = {
    "bullmq": "it stays in Redis unless `removeOnFail` deletes it, and nobody is told",
    "bull": "it stays in Redis unless `removeOnFail` deletes it, and nobody is told",
    "celery": "what is left of it is a line in the log, and its error if results are stored; nobody is told",
    "rq": "it stays in the registry of failed jobs for a year, and nobody is told",
    "dramatiq": "it lies in the dead letter queue for seven days and is gone",
    "inngest": "it stands in the dashboard, and nobody is told",
    "pg-boss": "it stays in its table until it is cleared away, and nobody is told",
    "qstash": "it lies in QStash's own dead letter queue, and nobody is told",
}
#: their own pages show what failed, and can run it again
_SHOWN: dict[str, Severity] = {"inngest": "high", "qstash": "high"}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs here."""
    for system in DEAD_LETTERS:
        jobs = evidence.of(Job, system)
        if not jobs:
            continue
        path = dead_letter(evidence, system) or hook(evidence, system) or tracker(evidence)
        if path is not None:
            yield Pass(path)
            continue
        doubt = unclear(evidence, system)
        if doubt is not None:
            yield doubt
            continue
        message = f"When a job of {SYSTEMS[system].title} has failed for good, {_LEFT[system]}."
        yield Fail(spot(jobs[0]), message, (system,), spots(jobs[1:]), confidence="likely", severity=_SHOWN.get(system))


_WORKER = 'import { Worker } from "bullmq";\nconst worker = new Worker("mail", async (job) => send(job.data));\n'
_LISTENS = 'worker.on("failed", (job, error) => tell(job, error));\n'
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"
_SIGNAL = (
    "from celery.signals import task_failure\n\n@task_failure.connect\ndef tell(sender=None, exception=None, **_):\n"
    "    report(sender.name, exception)\n"
)

RULE = Rule(
    id="JOB103",
    name="no-dead-letter-path",
    title="Jobs that failed for good are left where they fell",
    severity="critical",
    systems=tuple(DEAD_LETTERS),
    what="An application that runs jobs, in which nothing takes up those that have used up their attempts: no handler for failures, no "
    "dead letter queue, no look at what failed, no error tracker.",
    why="What a failed job should have done is not done. Depending on the system the job is still there, in a place where nobody looks, "
    "or gone. Somebody outside notices first.",
    how="Searched for in all production code: `failed` listeners and `getFailed`; `task_failure`, `on_failure`, `link_error` and "
    "dead letter exchanges; exception handlers and `FailedJobRegistry`; `deadLetter`; `onFailure` and `inngest/function.failed`; "
    "`failureCallback`; and the packages of error trackers in the manifests, other than those for browsers. One finding "
    "for each system. Jobs that catch errors and may record them themselves make the answer unknown.",
    false_alarms="Alerts that are set up outside of the repository. On Inngest and QStash, whose pages show "
    "what failed and run it again, the finding is high.",
    migration="What a target keeps of a failed job, and for how long, differs; a path of one's own survives the move.",
    fix="none",
    hint="Listen to failures in one place: store what failed with its data, tell somebody, and have a command that runs it again.",
    effort=Effort(120, 180, "project", "an estimate of an audit made by hand"),
    sources=(
        "pg-boss documentation, the `deadLetter` option",
        "Celery user guide, Signals",
        "RQ documentation, Exceptions",
        "BullMQ guide, Going to production",
    ),
    examples=(
        Example("bullmq", bad={"mail.ts": _WORKER}, good={"mail.ts": _WORKER + _LISTENS}),
        Example("celery", bad={"tasks.py": _TASK}, good={"tasks.py": _TASK, "signals.py": _SIGNAL}),
    ),
    check=check,
    absence=True,
    anywhere=True,
    related=("JOB104", "JOB403"),
)
