"""How the versions of pg-boss lay out their tables, and which settings of its queue a new job takes over.

8 and 9 write columns without underscores and keep no queues: what a job is not told, it takes from the columns' defaults. 10 has a table of
queues whose settings may be empty, each queue's jobs in a partition. From 11 on the settings of a queue are always there.
Read from the CREATE TABLE and INSERT statements of 8.4, 9.0, 10.4, 11.1 and 12.35.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import LiteralString

import msgspec

from migrator.shadow.postgres.transitions import Columns

#: SQL over a row of `queue`, for a column of `job`
Expression = LiteralString


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """One layout. The columns of `job` are by default as versions from 10 on write them."""

    versions: str
    start_after: str = "start_after"
    completed_on: str = "completed_on"
    keep_until: str = "keep_until"
    retry_limit: str = "retry_limit"
    retry_delay: str = "retry_delay"
    retry_backoff: str = "retry_backoff"
    retention: Expression  #: the interval that a job is kept after its start
    settings: Mapping[str, Expression] = {}
    newer_settings: frozenset[str] = frozenset()  #: those of `settings` that its first releases do not know
    queues: bool = True  #: jobs belong to a row of `queue`
    archive: bool = False  #: jobs that ended are moved to `archive` some hours later

    @property
    def columns(self) -> Columns:
        """Where the log of transitions finds what."""
        return Columns(id="id", payload="data", state="state", due=self.start_after, error="output", completed="completed")


WITHOUT_QUEUES = Tables(
    versions="8 and 9",
    start_after="startafter",
    completed_on="completedon",
    keep_until="keepuntil",
    retry_limit="retrylimit",
    retry_delay="retrydelay",
    retry_backoff="retrybackoff",
    retention="interval '14 days'",
    queues=False,
    archive=True,
)
PARTITIONED = Tables(
    versions="10",
    retention="coalesce(retention_minutes, 20160) * interval '1 minute'",
    settings={
        "policy": "policy",
        "retry_limit": "coalesce(retry_limit, 2)",
        "retry_delay": "greatest(coalesce(retry_delay, 0), CASE WHEN retry_backoff THEN 1 ELSE 0 END)",
        "retry_backoff": "coalesce(retry_backoff, false)",
        "expire_in": "coalesce(expire_seconds, 900) * interval '1 second'",
        "dead_letter": "dead_letter",
    },
    archive=True,
)
CURRENT = Tables(
    versions="11 and 12",
    retention="retention_seconds * interval '1 second'",
    settings={
        "policy": "policy",
        "retry_limit": "retry_limit",
        "retry_delay": "retry_delay",
        "retry_backoff": "retry_backoff",
        "retry_delay_max": "retry_delay_max",
        "expire_seconds": "expire_seconds",
        "deletion_seconds": "deletion_seconds",
        "dead_letter": "dead_letter",
        "heartbeat_seconds": "heartbeat_seconds",
    },
    newer_settings=frozenset(("heartbeat_seconds",)),
)


def tables_of(job: Set[str], queue: Set[str]) -> Tables | None:
    """The layout whose columns `job` and `queue` have; None when it is none of those known.

    >>> tables_of({"startafter", "output"}, set()).versions
    '8 and 9'
    """
    if {"startafter", "output"} <= job and not queue:
        return WITHOUT_QUEUES
    if {"start_after", "expire_in"} <= job and {"policy", "retention_minutes"} <= queue:
        return PARTITIONED
    needed = CURRENT.settings.keys() - CURRENT.newer_settings
    if needed <= job and {*needed, "retention_seconds"} <= queue:
        return CURRENT
    return None
