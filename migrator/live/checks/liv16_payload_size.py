"""LIV16: what jobs are given is too large for the target."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.live.amounts import quantile, share, size
from migrator.live.check import LiveCheck, Look
from migrator.live.state import Untold
from migrator.live.target import target_limit
from migrator.rules.rule import Fail, Outcome, Pass, Undecided


def check(look: Look) -> Iterator[Outcome]:
    """One outcome for each queue of which jobs could be measured."""
    limit = target_limit(look.limits, "MIG04", "bytes")
    if isinstance(limit, Untold) and any(queue.sizes for queue in look.queues if not isinstance(queue.sizes, Untold)):
        yield Undecided(limit.reason)
    for queue in look.queues:
        if isinstance(queue.sizes, Untold):
            yield Undecided(queue.sizes.reason, queue.spot())
            continue
        if not queue.sizes:
            continue
        most = max(queue.sizes)
        half, nearly_all = size(quantile(queue.sizes, 0.5)), size(quantile(queue.sizes, 0.95))
        told = (
            f"of {len(queue.sizes):,} payloads of `{queue.name}` half have up to {half}, 95 % up to {nearly_all}, the largest {size(most)}"
        )
        if isinstance(limit, Untold) or limit is None:
            yield Pass(queue.spot(told))
        elif most > limit.value:
            message = f"{told[:1].upper()}{told[1:]} (limit {size(limit.value)}, {limit.title})."
            yield Fail(queue.spot(), message, (queue.system,), severity="critical")
        elif quantile(queue.sizes, 0.95) > limit.value / 2:
            part = share(quantile(queue.sizes, 0.95) / limit.value)
            message = f"{told[:1].upper()}{told[1:]}: {part} of {size(limit.value)} ({limit.title})."
            yield Fail(queue.spot(), message, (queue.system,))
        else:
            yield Pass(queue.spot(told))


CHECK = LiveCheck(
    id="LIV16",
    name="payload-size",
    title="What jobs are given is too large for the target",
    severity="medium",
    what="How many bytes the jobs of a sample are given, against what the target takes. What is in them is neither shown nor kept.",
    why="A job that is too large for the target is refused where it is enqueued, in the application, on the first day.",
    how="BullMQ and RQ: the length of a field of the job's hash. Celery and Dramatiq: the length of whole messages. Tables: the length "
    "of the "
    "payload as text. At most 200 jobs of a queue of Redis, 1,000 rows of a table, those that are not over first.",
    limits=("target",),
    unknown="Which system is moved to is not said: `target` in `[live]`. The sizes stand with the evidence of the check.",
    false_alarms="RQ packs what it stores: the target may store it unpacked.",
    migration="Store what is large elsewhere and hand over where it is, before the move.",
    hint="Put large data into a store of its own and give the job its key.",
    sources=("limits of the targets: `migrate explain MIG04`",),
    check=check,
    related=("JOB503",),
)
