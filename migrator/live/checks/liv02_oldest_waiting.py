"""LIV02: the first in line has been due for too long."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue in which anything waits."""
    for queue in look.queues:
        if isinstance(queue.oldest, Untold):
            yield Undecided(queue.oldest.reason, queue.spot())
        elif queue.oldest is not None:
            limit = look.limits.of(queue.name, "oldest_seconds")
            if queue.oldest > limit:
                message = f"The oldest job of `{queue.name}` has been due for {span(queue.oldest)} (limit {span(limit)})."
                yield Fail(queue.spot(), message, (queue.system,))
            else:
                yield Pass(queue.spot(f"waits for {span(queue.oldest)}"))
        else:
            yield Pass(queue.spot("nothing waits"))


CHECK = LiveCheck(
    id="LIV02",
    name="oldest-waiting",
    title="A job waits too long",
    severity="high",
    what="For how long the job that has waited longest could have run.",
    why="Depth says how much there is to do, age says how late it is: ten jobs that wait since yesterday are worse than a thousand new "
    "ones.",
    how="The time at which the job was enqueued, plus its delay. BullMQ: the last 200 of the line. pg-boss: the later of `created_on` and "
    "`start_after`. RQ: `enqueued_at` of the first 200. Dramatiq: `message_timestamp`. Procrastinate: its events. Jobs that have run "
    "before are "
    "not counted in BullMQ and Dramatiq, which do not store when they came back.",
    limits=("oldest_seconds",),
    unknown="Celery's messages do not say when they were enqueued.",
    false_alarms="A queue that is meant to wait, such as one for the night. Give it a limit of its own.",
    migration="The age at the cut-over is the least time for which both systems have to run.",
    hint="Look at what the workers of this queue do, and at jobs before it that take long.",
    sources=("an estimate: five minutes, as for work that nobody waits for at a screen",),
    check=check,
    related=("LIV01", "LIV09"),
)
