"""Faktory: a job server with clients in many languages."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="faktory",
    title="Faktory",
    languages=("typescript", "javascript", "python"),
    worker_per_queue=True,
    npm=("faktory-worker", "faktory-client"),
    pypi=("faktory", "pyfaktory"),
    environment=("FAKTORY_*",),
    retry=RetryFacts(option="retry", counts="retries", default=25, automatic=True, backoff=Backoff("custom")),
    time_unit="s",
    priority="higher sooner",
    default_timeout=1_800,
    acknowledgement="late",
    source="the server's documentation",
)
