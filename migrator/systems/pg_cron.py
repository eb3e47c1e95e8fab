"""pg_cron and Supabase Cron: SQL on a schedule, inside the database."""

from __future__ import annotations

import re

from migrator.jobs import Backoff
from migrator.regex import regex
from migrator.systems.facts import RetryFacts, System
from migrator.systems.pg_cron_capabilities import CAPABILITIES
from migrator.systems.pg_cron_limits import LIMITS

#: functions of pgmq, which Supabase calls Queues, by what they do; times are in seconds
PGMQ_CREATES = ("create", "create_non_partitioned", "create_partitioned", "create_unlogged")
PGMQ_SENDS = ("send", "send_batch", "send_topic", "send_batch_topic")
PGMQ_READS = ("read", "read_with_poll", "read_grouped", "pop")
#: Python packages for pgmq
PGMQ_PACKAGES = ("pgmq", "tembo_pgmq_python")

_SECONDS = regex(r"^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$", re.IGNORECASE)

SYSTEM = System(
    name="pg_cron",
    title="pg_cron",
    overlapping_runs="no",
    languages=("sql", "typescript", "javascript", "python"),
    npm=("pgmq-js",),
    pypi=("pgmq", "tembo-pgmq-python"),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    transactional="depends",
    time_unit="s",
    default_timezone="UTC",
    cron_seconds="no",
    infrastructure="your Postgres with the extension, or Supabase",
    parallelism="one run of each schedule at a time, several schedules side by side",
    cost="nothing, but for your database",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="pg_cron's own documentation and source",
)


def interval_of(schedule: str) -> int | None:
    """The seconds of a schedule such as `30 seconds` (pg_cron 1.5 on); None for a cron expression.

    >>> interval_of("30 seconds"), interval_of("*/5 * * * *")
    (30, None)
    """
    match = _SECONDS.match(schedule)
    return int(match[1]) if match is not None else None
