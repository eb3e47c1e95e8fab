"""Bull 3 and 4, the predecessor of BullMQ."""

from __future__ import annotations

from migrator.jobs import Backoff, Value, affine
from migrator.systems.bull_capabilities import CAPABILITIES
from migrator.systems.bull_limits import LIMITS
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="bull",
    title="Bull",
    languages=("typescript", "javascript"),
    worker_per_queue=True,
    bulk="`queue.addBulk([…])`",
    bulk_forms=("addBulk",),
    npm=("bull", "@nestjs/bull", "bull-board", "@types/bull"),
    environment=("BULL_*",),
    retry=RetryFacts(option="attempts", counts="executions", default=1, automatic=True, backoff=Backoff("none")),
    time_unit="ms",
    priority="lower sooner",
    default_timezone="local",
    cron_seconds="yes",
    acknowledgement="late",
    closes=("close",),
    infrastructure="Redis that evicts nothing; a worker process",
    parallelism="concurrency of each processor, 1 unless said, times the workers",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="bull 4, read and run",
)

#: the name that a job has whose code gives it none
UNNAMED = "__default__"

#: what the options of one job may be
JOB_OPTIONS = frozenset(
    (
        *("attempts", "backoff", "delay", "jobId", "lifo", "preventParsingData", "priority", "removeOnComplete", "removeOnFail", "repeat"),
        *("stackTraceLimit", "timeout"),
    )
)


def priority_from(value: Value) -> Value:
    """1 runs first, then 2, …, and what has no priority last: the model's priority is the negative of it."""
    return affine(value, scale=-1)
