"""BullMQ 4 to 6 (Node.js, and its Python port): facts, and the conversions between its units and the model's."""

from __future__ import annotations

from migrator.jobs import Backoff, Value, affine
from migrator.systems.bullmq_capabilities import CAPABILITIES
from migrator.systems.bullmq_limits import LIMITS
from migrator.systems.bullmq_removed import REMOVED
from migrator.systems.facts import RetryFacts, System

#: the first major version that takes no notice of `repeat` in `add`
REPEAT_REMOVED = 6

SYSTEM = System(
    name="bullmq",
    title="BullMQ",
    overlapping_runs="no",
    languages=("typescript", "javascript", "python"),
    worker_per_queue=True,
    bulk="`queue.addBulk([…])`",
    bulk_forms=("addBulk",),
    npm=("bullmq", "@nestjs/bullmq", "@taskforcesh/bullmq-pro", "bullmq-otel"),
    pypi=("bullmq",),
    retry=RetryFacts(option="attempts", counts="executions", default=1, automatic=True, backoff=Backoff("none")),
    time_unit="ms",
    priority="lower sooner",
    default_timezone="local",
    cron_seconds="yes",
    acknowledgement="late",
    latency_floor="a few milliseconds: an idle worker waits inside Redis and is woken by the enqueue",
    infrastructure="Redis that evicts nothing (from version 6 also Postgres); a worker process",
    parallelism="`concurrency` of each worker, 1 unless said, times the workers",
    cost="nothing, but for your servers; BullMQ Pro is paid",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    closes=("close",),
    removed=REMOVED,
    source="bullmq 6.7.0, 5.81.5 and 4.18.3, read and run",
)


def seconds(value: Value) -> Value:
    """Milliseconds, as BullMQ counts time, in seconds."""
    return affine(value, scale=0.001)


def milliseconds(value: Value) -> Value:
    """Seconds in milliseconds."""
    return affine(value, scale=1000)


def priority_from(value: Value) -> Value:
    """BullMQ runs 0 (or none) first, then 1, 2, …: the model's priority is the negative of it."""
    return affine(value, scale=-1)


def priority_to(value: Value) -> Value:
    """The inverse of `priority_from`; only right where the model's priority came from BullMQ or is at most 0."""
    return affine(value, scale=-1)
