"""JOB112: a job is handed out a second time while it still runs."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job, literal_of
from migrator.rules.celery_configuration import broker, named, visibility_timeout
from migrator.rules.evidence import Evidence, number, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all Celery tasks that are acknowledged late."""
    late_by_default = any(literal_of(setting.value) is True for setting in named(evidence, "task_acks_late"))
    late = [j for j in evidence.of(Job, "celery") if j.acknowledgement == "late" or (late_by_default and not j.acknowledgement)]
    if not late:
        return
    kind = broker(evidence)
    if kind == "amqp":
        # RabbitMQ has a limit of its own, which is not the application's to set.
        return
    lease = visibility_timeout(evidence, kind)
    if lease is None:
        options = next(named(evidence, "broker_transport_options"), None)
        yield Undecided("after how long the broker hands a task out again is only known at run time", spot(options or late[0]))
        return
    longer = [job for job in late if (limit := number(job.timeout)) is not None and limit >= lease]
    if longer:
        message = f"{len(longer)} tasks that are acknowledged late may still run when they are handed out again after {lease:.0f} s."
        yield Fail(spot(longer[0]), message, ("celery",), spots(longer[1:]))
    elif unclear := next((job for job in late if number(job.timeout) is None), None):
        yield Undecided("how long a task that is acknowledged late may run is not known", spot(unclear))
    else:
        yield Pass(spot(late[0], "ends before it is handed out again"))


_APP = (
    'from celery import Celery\n\napp = Celery()\napp.conf.broker_url = "redis://localhost:6379/0"\n'
    'app.conf.broker_transport_options = {"visibility_timeout": LEASE}\n\n'
    "@app.task(acks_late=True, time_limit=7200)\ndef report(month):\n    make(month)\n"
)

RULE = Rule(
    id="JOB112",
    name="timeout-exceeds-lease",
    title="Jobs that are handed out again while they run",
    severity="high",
    systems=("celery",),
    what="Celery tasks that are acknowledged late and may run as long as the `visibility_timeout` of Redis or SQS, or longer.",
    why="These brokers know nothing of a running task. What was not acknowledged in time they hand to another worker: the task runs twice "
    "at once, and a third time after that.",
    how="The time limit of each task, with the settings under it, and `broker_transport_options`; 3,600 s for Redis and 1,800 s for SQS "
    "where nothing is said. What is only known at run time makes the answer unknown.",
    false_alarms="Tasks that never come near their limit.",
    migration="BullMQ renews the lease while a job runs; pg-boss gives the job up when its time is over and tries it again.",
    fix="unsafe",
    hint="Set `visibility_timeout` well above the longest time limit, or lower the limit.",
    effort=Effort(15, 30, "project", "an estimate"),
    sources=("Celery documentation, Using Redis, Visibility timeout; Using Amazon SQS",),
    examples=(Example("celery", bad={"app.py": _APP.replace("LEASE", "3600")}, good={"app.py": _APP.replace("LEASE", "14400")}),),
    check=check,
    left_behind=True,
    stays_on=("agenda", "django-q", "faktory", "graphile-worker", "pg-boss", "qstash", "sqs", "upstash-workflow", "vercel-queue"),
    related=("JOB111",),
)
