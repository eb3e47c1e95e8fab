"""What Inngest can do, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.systems.limits import Limit
from migrator.systems.support import Support, native

CAPABILITIES: Mapping[str, Support] = {
    "retries": native("`retries`, which counts what comes after the first run of each step; 4 unless said, 20 at most"),
    "steps": native("`step.run`"),
    "wait-for-event": native("`step.waitForEvent`, up to a year (7 days on the free plan)"),
}

LIMITS: tuple[Limit, ...] = (
    Limit(
        id="MIG01",
        name="steps-per-run",
        title="Steps in a run",
        value=1_000,
        unit="count",
        per="run",
        source="inngest/website pages/docs/usage-limits/inngest.mdx; inngest/inngest pkg/consts/consts.go (absolute 10,000, configurable)",
        checked="2026-11-21",
    ),
)
