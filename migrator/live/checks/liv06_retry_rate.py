"""LIV06: many jobs need more than one attempt."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import share
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.rules.rule import Fail, Outcome, Pass, Undecided

#: a share of fewer jobs than this says nothing
_FEWEST = 20


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue of which jobs that are over are stored."""
    for queue in look.queues:
        if isinstance(queue.runs, Untold):
            yield Undecided(queue.runs.reason, queue.spot())
            continue
        attempts = queue.runs.attempts
        if len(attempts) < _FEWEST:
            yield Undecided(f"of {len(attempts)} jobs it is stored how often they were run: too few for a share", queue.spot())
            continue
        again, limit = sum(number > 1 for number in attempts), look.limits.of(queue.name, "retry_rate")
        told = f"{again:,} of the last {len(attempts):,} jobs were run more than once"
        if again / len(attempts) > limit:
            yield Fail(queue.spot(), f"In `{queue.name}` {told}: {share(again / len(attempts))} (limit {share(limit)}).", (queue.system,))
        else:
            yield Pass(queue.spot(told))


CHECK = LiveCheck(
    id="LIV06",
    name="retry-rate",
    title="Many jobs need more than one attempt",
    severity="medium",
    what="The share of the 200 jobs that ended last which were run more than once.",
    why="Retries hide what is broken, cost what the first attempt cost, and do again whatever it had done already.",
    how="BullMQ: `atm`. pg-boss: `retry_count`. RQ: `number_of_retries`, of jobs without a retry policy. Procrastinate and job tables: "
    "`attempts`.",
    limits=("retry_rate",),
    unknown="Jobs that are over are not stored, or fewer than 20 of them. RQ does not store how often a job with a retry policy was run.",
    false_alarms="A queue that keeps failed jobs and removes the others: the sample is then one of failures.",
    migration="A target that tries again less often, or sooner, turns these into failures.",
    hint="See what makes the first attempt fail.",
    sources=("the alert thresholds of the audit by hand that these checks began with",),
    check=check,
    related=("LIV04", "JOB102"),
)
