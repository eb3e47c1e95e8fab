"""From where on a number is a finding: `[live]` in `migrate.toml`. Defaults are those of a hand-made table of alerts, or estimates."""

from __future__ import annotations

from typing import Annotated

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[float, msgspec.Meta(ge=0)]


class QueueLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[live.queues.NAME]`: what is otherwise for one queue."""

    depth: Amount | None = None
    oldest_seconds: Amount | None = None
    processing_seconds: Amount | None = None
    failure_rate: Share | None = None
    failed_per_hour: Amount | None = None
    retry_rate: Share | None = None
    stalled_rate: Share | None = None
    kept: Amount | None = None


class LiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[live]`. Times are in seconds, shares from 0 to 1."""

    depth: Amount = 1_000  #: due jobs in a queue (LIV01)
    oldest_seconds: Amount = 300  #: for which the first in line has been due (LIV02)
    processing_seconds: Amount = 30  #: mean of the runs (LIV03)
    failure_rate: Share = 0.05  #: of the jobs that end (LIV04, LIV23)
    failed_per_hour: Amount = 10  #: jobs that failed for good in the last hour (LIV05)
    failed_days: Amount = 7  #: age of what failed and nobody looked at (LIV05)
    retry_rate: Share = 0.2  #: of the jobs that end: run more than once (LIV06)
    stalled_rate: Share = 0.01  #: of the running jobs: lost by their worker (LIV07)
    kept: Amount = 10_000  #: jobs that are over and still stored (LIV10)
    memory: Share = 0.8  #: of the memory that Redis may use (LIV11)
    connections: Share = 0.8  #: of the connections that a server takes (LIV12)
    connections_critical: Share = 0.95
    save_seconds: Amount = 3_600  #: since Redis wrote its data to disk (LIV13)
    collision: Amount = 5  #: times the usual number of jobs in one minute (LIV17)
    target: str = ""  #: the system that is moved to: its limits count in LIV16, LIV18 and LIV21
    queues: dict[str, QueueLimits] = {}


class Limits(msgspec.Struct, frozen=True):
    """The limits of one queue: its own where it has some."""

    settings: LiveSettings

    def of(self, queue: str, name: str) -> float:
        """One of the limits that can be set for a queue."""
        own = self.settings.queues.get(queue)
        value = getattr(own, name) if own is not None else None
        return float(getattr(self.settings, name) if value is None else value)
