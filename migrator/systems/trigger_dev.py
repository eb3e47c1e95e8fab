"""Trigger.dev 3 and 4."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="trigger.dev",
    title="Trigger.dev",
    languages=("typescript", "javascript"),
    npm=("@trigger.dev/sdk", "@trigger.dev/build", "@trigger.dev/react-hooks", "trigger.dev"),
    environment=("TRIGGER_*",),
    retry=RetryFacts(option="maxAttempts", counts="executions", default=3, automatic=True, backoff=Backoff("exponential", Literal(1))),
    time_unit="ms",
    priority="higher sooner",
    acknowledgement="late",
    source="@trigger.dev/sdk 4, its types",
)
