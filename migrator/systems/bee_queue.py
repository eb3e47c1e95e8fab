"""Bee-Queue 2."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="bee-queue",
    title="Bee-Queue",
    languages=("typescript", "javascript"),
    worker_per_queue=True,
    npm=("bee-queue",),
    retry=RetryFacts(option="retries", counts="retries", default=0, automatic=True, backoff=Backoff("none")),
    time_unit="ms",
    acknowledgement="late",
    closes=("close",),
    source="bee-queue 2, its types",
)
