"""LIV18: jobs are due later than the target can wait."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.live.target import TargetLimit, target_limit
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue in which jobs wait for their time."""
    limit = target_limit(look.limits, "MIG08", "s")
    if isinstance(limit, Untold) and any(isinstance(queue.horizon, float) for queue in look.queues):
        yield Undecided(limit.reason)
    for queue in look.queues:
        if isinstance(queue.horizon, Untold):
            yield Undecided(queue.horizon.reason, queue.spot())
            continue
        if queue.horizon is None:
            continue
        told = f"the last delayed job of `{queue.name}` is due in {span(queue.horizon)}"
        if isinstance(limit, TargetLimit) and queue.horizon > limit.value:
            message = f"{told[:1].upper()}{told[1:]} (limit {span(limit.value)}, {limit.title})."
            yield Fail(queue.spot(), message, (queue.system,))
        else:
            yield Pass(queue.spot(told))


CHECK = LiveCheck(
    id="LIV18",
    name="delayed-horizon",
    title="Jobs are due later than the target can wait",
    severity="critical",
    what="When the last of the delayed jobs is due, against the longest delay that the target takes.",
    why="Such jobs cannot be transferred as they are: the target refuses them or, worse, runs them early.",
    how="BullMQ: the highest score of `delayed`. RQ: of the registry of scheduled jobs. Dramatiq: `eta` of a sample. Celery: `eta` of the "
    "messages of a sample. Tables: the latest time in the column that says when to run.",
    limits=("target",),
    unknown="Which system is moved to is not said: `target` in `[live]`.",
    false_alarms="None is known.",
    migration="Run the old system until the last of them is due, or wake them by a schedule of the new one.",
    hint="Plan how these jobs get across: drain, or a bridge that enqueues them in time.",
    sources=("limits of the targets: `migrate explain MIG08`",),
    check=check,
    related=("JOB307", "LIV20"),
)
