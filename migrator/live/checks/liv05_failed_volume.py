"""LIV05: failed jobs pile up."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for what failed of late, one for what lies there and is old."""
    old = look.limits.settings.failed_days * 86_400
    for queue in look.queues:
        if isinstance(queue.failed_lately, Untold):
            yield Undecided(queue.failed_lately.reason, queue.spot())
        else:
            limit = look.limits.of(queue.name, "failed_per_hour")
            if queue.failed_lately > limit:
                message = f"{queue.failed_lately:,} jobs of `{queue.name}` failed for good in the last hour (limit {limit:,.0f})."
                yield Fail(queue.spot(), message, (queue.system,))
            else:
                yield Pass(queue.spot(f"{queue.failed_lately:,} failed in the last hour"))
        if isinstance(queue.failed_oldest, float) and queue.failed_oldest > old and not isinstance(queue.failed, Untold):
            age = f"the oldest for {span(queue.failed_oldest)} (limit {span(old)})"
            message = f"{queue.failed:,} failed jobs of `{queue.name}` are stored, {age}."
            yield Fail(queue.spot(), message, (queue.system,), severity="medium")


CHECK = LiveCheck(
    id="LIV05",
    name="failed-volume",
    title="Failed jobs pile up",
    severity="high",
    what="How many jobs failed for good in the last hour, and for how long failed jobs have been lying there.",
    why="Work that was given up is work that somebody waits for. What lies there for a week, nobody looks at.",
    how="BullMQ: the scores of `failed`. RQ: `ended_at` of what its registry of failed jobs lists. Dramatiq: the scores of `.XQ`. pg-boss, "
    "Procrastinate and job tables: rows that failed, by when.",
    limits=("failed_per_hour", "failed_days"),
    unknown="Celery puts no failed task aside in Redis. A table that does not keep when jobs ended.",
    false_alarms="Failed jobs that are kept on purpose, for an audit.",
    migration="Decide before the move which failed jobs are run again, and where.",
    hint="See why they fail; run them again, or remove them; send failures to somebody who looks.",
    sources=("the alert thresholds of the audit by hand that these checks began with; a week is an estimate",),
    check=check,
    related=("LIV04", "JOB103"),
)
