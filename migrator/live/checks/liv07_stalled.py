"""LIV07: jobs that count as running and that nobody runs."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import share
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: from so many lost jobs on, their share counts
_FEW = 2


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue."""
    for queue in look.places:
        if isinstance(queue.lost, Untold):
            yield Undecided(queue.lost.reason, queue.spot())
            continue
        lost, limit = queue.lost, look.limits.of(queue.name, "stalled_rate")
        parts = [f"{lost.now:,} of {lost.active:,} running jobs of `{queue.name}` have lost their worker"] if lost.now else []
        if lost.given_up:
            parts.append(f"{lost.given_up:,} of the last {lost.failed:,} failed jobs of `{queue.name}` were given up because they stalled")
        if parts:
            high = lost.now >= _FEW and lost.now / max(1, lost.active) > limit
            message = f"{'; '.join(parts)}{f' ({share(lost.now / lost.active)}, limit {share(limit)})' if high else ''}."
            yield Fail(queue.spot(), message, (queue.system,), severity="high" if high else None)
        elif not queue.inner or lost.active:
            yield Pass(queue.spot(f"{lost.active:,} run, none is lost"))


CHECK = LiveCheck(
    id="LIV07",
    name="stalled-jobs",
    title="Jobs that count as running and that nobody runs",
    severity="medium",
    what="Active jobs whose worker is gone, and jobs that were given up for that reason.",
    why="They are done late, or twice, or never: it depends on whether anybody hands them out again, and on whether they can be repeated.",
    how="BullMQ: active jobs without their lock, twice looked at. pg-boss: active for longer than `expire_seconds`. Celery: unconfirmed "
    "for "
    "longer than the `visibility_timeout` that the code sets, or an hour. RQ: overdue in the registry of running jobs. Dramatiq: held by a "
    "process that has not said for a minute that it lives. Procrastinate: held by a worker without a sign of life for 30 s.",
    limits=("stalled_rate",),
    unknown="Most job tables do not say whether the worker still lives.",
    false_alarms="Workers that were ended a moment ago. A Celery task with an eta beyond the `visibility_timeout`, which Celery hands "
    "out again, too.",
    migration="Jobs in this state at the cut-over run on neither side, or on both.",
    hint="See why workers end: memory, deployments without a graceful stop, blocked event loops.",
    sources=("more than one in a hundred is an estimate",),
    check=check,
    related=("JOB112", "JOB801"),
)
