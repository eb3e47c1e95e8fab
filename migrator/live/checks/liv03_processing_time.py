"""LIV03: jobs take long."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import quantile, span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue of which jobs that are over are stored."""
    for queue in look.queues:
        if isinstance(queue.runs, Untold):
            yield Undecided(queue.runs.reason, queue.spot())
            continue
        times = queue.runs.seconds
        if not times:
            yield Undecided("it is not stored when the last run of a job began", queue.spot())
            continue
        mean, limit = sum(times) / len(times), look.limits.of(queue.name, "processing_seconds")
        told = f"{span(mean)} on average, 95 % within {span(quantile(times, 0.95))}, of the last {len(times):,}"
        if mean > limit:
            yield Fail(queue.spot(), f"Jobs of `{queue.name}` take {told} (limit {span(limit)}).", (queue.system,))
        else:
            yield Pass(queue.spot(told))


CHECK = LiveCheck(
    id="LIV03",
    name="processing-time",
    title="Jobs take long",
    severity="medium",
    what="How long the last run of the 200 jobs took that ended last.",
    why="Long jobs hold a worker, are lost as a whole when it is restarted, and run into limits of the host and of the target.",
    how="BullMQ: `finishedOn` less `processedOn`. pg-boss: `completed_on` less `started_on`. RQ: `ended_at` less `started_at`. "
    "Procrastinate: its "
    "events. Job tables: their columns of that kind.",
    limits=("processing_seconds",),
    unknown="Jobs that are over are not stored: Celery and Dramatiq on Redis, or a queue that removes them at once.",
    false_alarms="Work that is long by nature, such as a report. Give its queue a limit of its own.",
    migration="LIV21 holds the longest run against what the target allows.",
    hint="Break long jobs into steps that can be tried again one by one.",
    sources=("the alert thresholds of the audit by hand that these checks began with",),
    check=check,
    related=("LIV21",),
)
