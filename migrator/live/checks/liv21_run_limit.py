"""LIV21: jobs run longer than the target allows."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import span
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Runs, Untold
from migrator.live.target import TargetLimit, target_limit
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue of which it is stored how long its jobs ran."""
    limit = target_limit(look.limits, "MIG13", "s")
    if isinstance(limit, Untold) and any(isinstance(queue.runs, Runs) and queue.runs.seconds for queue in look.queues):
        yield Undecided(limit.reason)
    for queue in look.queues:
        if isinstance(queue.runs, Untold):
            yield Undecided(queue.runs.reason, queue.spot())
            continue
        if not queue.runs.seconds:
            continue
        longest = max(queue.runs.seconds)
        told = f"the longest of the last {len(queue.runs.seconds):,} runs of `{queue.name}` took {span(longest)}"
        if isinstance(limit, TargetLimit) and longest > limit.value:
            message = f"{told[:1].upper()}{told[1:]} (limit {span(limit.value)}, {limit.title})."
            yield Fail(queue.spot(), message, (queue.system,))
        else:
            yield Pass(queue.spot(told))


CHECK = LiveCheck(
    id="LIV21",
    name="run-limit",
    title="Jobs run longer than the target allows",
    severity="critical",
    what="The longest of the runs that LIV03 looks at, against the longest that the target allows.",
    why="On the target such a run is ended in the middle, tried again, and ended again.",
    how="As LIV03.",
    limits=("target",),
    unknown="Which system is moved to is not said: `target` in `[live]`. Jobs that are over are not stored.",
    false_alarms="The limit of the host may be lower than that of the system: a function on a serverless host ends after seconds to "
    "minutes.",
    migration="Break these jobs into steps before the move.",
    hint="Break the job into parts that end in time.",
    sources=("limits of the targets: `migrate explain MIG13`",),
    check=check,
    related=("LIV03", "JOB111"),
)
