"""Upstash Workflow: durable steps over QStash."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="upstash-workflow",
    title="Upstash Workflow",
    languages=("typescript", "javascript", "python"),
    npm=("@upstash/workflow",),
    pypi=("upstash-workflow",),
    environment=("UPSTASH_WORKFLOW_*",),
    retry=RetryFacts(
        option="retries", counts="retries", default=3, automatic=True, backoff=Backoff("table", table=(12, 148, 1_808, 22_026))
    ),
    time_unit="s",
    acknowledgement="late",
    source="the SDK and the service's documentation",
)
