"""Trigger.dev 2 to 4."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import RetryFacts, System

#: between the attempts of a task that says nothing: a second, then twice as long each time, up to a minute
DEFAULT_BACKOFF = Backoff("exponential", Literal(1), maximum=Literal(60), jitter="up")

#: seconds in each unit of a duration such as `1h`
SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

SYSTEM = System(
    name="trigger.dev",
    title="Trigger.dev",
    languages=("typescript", "javascript"),
    cron_seconds="no",
    npm=(
        *("@trigger.dev/sdk", "@trigger.dev/build", "@trigger.dev/react-hooks", "@trigger.dev/react", "@trigger.dev/nextjs"),
        *("@trigger.dev/express", "@trigger.dev/cli", "@trigger.dev/supabase", "@trigger.dev/core", "trigger.dev"),
    ),
    environment=("TRIGGER_*",),
    retry=RetryFacts(option="maxAttempts", counts="executions", default=3, automatic=True, backoff=DEFAULT_BACKOFF),
    time_unit="ms",
    priority="higher sooner",
    acknowledgement="late",
    source="@trigger.dev/sdk 4.8 and 2.3, their types",
)
