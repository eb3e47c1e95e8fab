"""JOB307: a job is to wait longer than its broker can hold it."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.celery_configuration import broker, visibility_timeout
from migrator.rules.evidence import Evidence, number, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems.sqs import MAXIMUM_DELAY


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue that is delayed."""
    for enqueue in evidence.of(Enqueue, "sqs"):
        delay = number(enqueue.delay)
        if delay is not None and delay > MAXIMUM_DELAY:
            yield Fail(spot(enqueue), f"A delay of {delay:,.0f} s: SQS takes at most {MAXIMUM_DELAY} s and refuses the message.", ("sqs",))
        elif delay is not None:
            yield Pass(spot(enqueue, f"a delay of {delay:,.0f} s, of {MAXIMUM_DELAY} at most"))
        elif enqueue.delay is not None:
            yield Undecided("how long a message of SQS is delayed is only known at run time", spot(enqueue))
    yield from _celery(evidence)


def _celery(evidence: Evidence) -> Iterator[Outcome]:
    delayed = [e for e in evidence.of(Enqueue, "celery") if number(e.delay) != 0 and (e.delay is not None or e.eta is not None)]
    if not delayed:
        return
    kind = broker(evidence)
    # What is not known may be the one that waits the least.
    limits = [visibility_timeout(evidence, each) for each in ((kind,) if kind else ("redis", "sqs"))]
    limit = min((each for each in limits if each is not None), default=None)
    for enqueue in delayed:
        delay = number(enqueue.delay)
        if kind in ("amqp", "memory"):
            yield Pass(spot(enqueue, "the broker hands no message to a second worker after some time"))
        elif delay is None:
            yield Undecided("how long a task waits is only known at run time", spot(enqueue))
        elif limit is None:
            yield Undecided("the visibility timeout is only known at run time", spot(enqueue))
        elif delay <= limit:
            yield Pass(spot(enqueue, f"{delay:,.0f} s is within the visibility timeout of {limit:,.0f} s"))
        elif not kind:
            yield Undecided("which broker Celery has is only known at run time", spot(enqueue))
        else:
            message = (
                f"The task waits {delay:,.0f} s, but after {limit:,.0f} s the broker hands it to a worker anew: it runs several times, "
                "once for each time it was handed out."
            )
            yield Fail(spot(enqueue), message, ("celery",))


_APP = (
    'from celery import Celery\napp = Celery("shop")\napp.conf.broker_url = "redis://localhost:6379/0"\n\n'
    "@app.task\ndef remind(user): ...\n\ndef joined(user):\n    remind.apply_async((user,), countdown=SECONDS)\n"
)
_SEND = (
    'import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";\nconst client = new SQSClient({});\n'
    'await client.send(new SendMessageCommand({ QueueUrl: "https://sqs/mail", MessageBody: "{}", DelaySeconds: SECONDS }));\n'
)

RULE = Rule(
    id="JOB307",
    name="delay-exceeds-broker",
    title="Delays that the broker cannot hold",
    severity="high",
    systems=("celery", "sqs"),
    what="`countdown` of Celery on Redis longer than the visibility timeout (an hour unless the settings say otherwise), and "
    "`DelaySeconds` of SQS over 900.",
    why="A worker of Celery takes a delayed task at once and holds it until it is due. Redis does not know that: after the visibility "
    "timeout it hands the task to another worker, and again after that, and each of them runs it. SQS refuses the message.",
    how="Delays that the code spells out, against the address of the broker and `visibility_timeout` in the settings. What is computed is "
    "unknown.",
    false_alarms="A broker that the environment sets to another kind than the code's own.",
    migration="A target that stores delayed jobs (BullMQ, pg-boss, Dramatiq in its delay queue) has no such limit. Inngest has one of its "
    "own: a year, seven days on the free plan.",
    fix="none",
    hint="Store what is due and let a periodic job enqueue it, or raise `visibility_timeout` above the longest delay.",
    effort=Effort(60, 120, "place", "an estimate"),
    sources=("Celery documentation, Using Redis, Visibility timeout", "Amazon SQS, SendMessage"),
    examples=(
        Example("celery", bad={"app.py": _APP.replace("SECONDS", "86400")}, good={"app.py": _APP.replace("SECONDS", "600")}),
        Example("sqs", bad={"send.ts": _SEND.replace("SECONDS", "3600")}, good={"send.ts": _SEND.replace("SECONDS", "600")}),
    ),
    check=check,
    left_behind=True,
    stays_on=("inngest", "qstash", "upstash-workflow", "vercel-queue"),
)
