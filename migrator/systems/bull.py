"""Bull 3 and 4, the predecessor of BullMQ."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="bull",
    title="Bull",
    languages=("typescript", "javascript"),
    npm=("bull", "@nestjs/bull", "bull-board", "@types/bull"),
    environment=("BULL_*",),
    retry=RetryFacts(option="attempts", counts="executions", default=1, automatic=True, backoff=Backoff("none")),
    time_unit="ms",
    priority="lower sooner",
    default_timezone="local",
    acknowledgement="late",
    source="bull 4, read and run",
)
