"""pg-boss 8 to 12: facts, and what changed between its versions."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System
from migrator.systems.pg_boss_capabilities import CAPABILITIES
from migrator.systems.pg_boss_limits import LIMITS
from migrator.systems.pg_boss_removed import REMOVED

SYSTEM = System(
    name="pg-boss",
    title="pg-boss",
    languages=("typescript", "javascript"),
    worker_per_queue=True,
    cron_seconds="yes",
    bulk="`boss.insert([…])`",
    bulk_forms=("insert",),
    transactional="option",
    npm=("pg-boss", "@pg-boss/dashboard", "@pg-boss/proxy"),
    environment=("PGBOSS_*",),
    retry=RetryFacts(option="retryLimit", counts="retries", default=2, automatic=True, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    default_timeout=900,
    acknowledgement="late",
    latency_floor="up to 2 s, 1 s on average: workers poll every 2 s unless pollingIntervalSeconds says otherwise",
    closes=("stop",),
    infrastructure="your Postgres; a worker process",
    parallelism="`localConcurrency` of each worker, 1 unless said, times the workers",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    removed=REMOVED,
    source="pg-boss 12.35.0, run; 11.1.2, 10.4.2, 9.0.3, 8.4.2, 7.4.0 and 6.2.2, read",
)

#: the first major version in which an unset `retryLimit` means 2 instead of 0
RETRIES_BY_DEFAULT = 10
#: the first major version in which `publish` fans an event out instead of enqueuing a job
PUBLISH_FANS_OUT = 7
#: the first major version whose handlers are always handed a list of jobs
HANDED_LISTS = 10
#: the first major version in which a queue is made, and decides on retries and time limits
QUEUES_DECIDE = 10
#: the first major version in which `insert` is given the queue beside the rows
LISTS_BY_QUEUE = 11
#: version of the tables that pg-boss 8 makes, the first that is known here
OLDEST_SCHEMA = 19
#: seconds in the units that names of options end in (only `Seconds` since version 11)
UNITS = {"Seconds": 1, "Minutes": 60, "Hours": 3_600, "Days": 86_400}


def default_attempts(major: int | None) -> int:
    """Total executions of a job with no `retryLimit`, by pg-boss's major version (the newest when unknown)."""
    return 3 if major is None or major >= RETRIES_BY_DEFAULT else 1
