"""What BullMQ 6 can do, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.systems.limits import Limit
from migrator.systems.support import Support, absent, emulated, native

CAPABILITIES: Mapping[str, Support] = {
    "retries": native("`attempts`, which counts every run; 1 unless said"),
    "steps": emulated("`step.run` of a generated runtime, which keeps results in the job's data"),
    "wait-for-event": absent("split the job in two, keep what both need in a table, and let a delayed job be the timeout"),
}

LIMITS: tuple[Limit, ...] = (
    Limit(
        id="MIG06",
        name="default-attempts",
        title="Runs of a job that says nothing",
        value=1,
        unit="count",
        per="job",
        kind="default",
        source="bullmq 6.7.0, read and run",
        checked="2026-11-21",
    ),
)
