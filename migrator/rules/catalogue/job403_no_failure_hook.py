"""JOB403: nobody hears of jobs that fail."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.failure_paths import HOOKS, hook, tracker, unclear
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems import SYSTEMS


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs here."""
    for system in HOOKS:
        jobs = evidence.of(Job, system)
        if not jobs:
            continue
        told = hook(evidence, system) or tracker(evidence)
        if told is not None:
            yield Pass(told)
            continue
        doubt = unclear(evidence, system)
        if doubt is not None:
            yield doubt
            continue
        message = f"No code hears of a job of {SYSTEMS[system].title} that fails, and no error tracker is installed."
        yield Fail(spot(jobs[0]), message, (system,), spots(jobs[1:]), confidence="likely")


_WORKER = 'import { Worker } from "bullmq";\nconst worker = new Worker("mail", async (job) => send(job.data));\n'
_LISTENS = 'worker.on("failed", (job, error) => tell(job, error));\n'
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"

RULE = Rule(
    id="JOB403",
    name="no-failure-hook",
    title="Nobody hears of jobs that fail",
    severity="high",
    systems=tuple(HOOKS),
    what="An application that runs jobs, without a handler for failures in the words of its system and without an error tracker.",
    why="Failures are counted nowhere. Whether one job in a thousand fails or one in two is seen when a customer writes.",
    how="As for JOB103, but a place where failed jobs are kept is not enough: something has to be told when it happens.",
    false_alarms="Alerts on the logs that are set up outside of the repository.",
    migration="Hooks are written in the words of a system and do not move by themselves; a tracker does, if it is told which job it was.",
    fix="none",
    hint="Install an error tracker in the worker, and send it each failure with the job's name, id and attempt.",
    effort=Effort(60, 120, "project", "an estimate"),
    sources=("Dramatiq user guide, Best practices, Error reporting", "BullMQ guide, Workers, Events"),
    examples=(
        Example("bullmq", bad={"mail.ts": _WORKER}, good={"mail.ts": _WORKER + _LISTENS}),
        Example(
            "celery",
            bad={"tasks.py": _TASK},
            good={"tasks.py": _TASK, "requirements.txt": "celery==5.4.0\nsentry-sdk==2.0.0\n"},
        ),
    ),
    check=check,
    absence=True,
    anywhere=True,
    related=("JOB103",),
)
