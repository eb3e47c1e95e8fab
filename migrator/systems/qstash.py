"""Upstash QStash: HTTP messages that a service delivers."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="qstash",
    title="Upstash QStash",
    languages=("typescript", "javascript", "python"),
    npm=("@upstash/qstash", "@upstash/qstash-cli"),
    pypi=("qstash",),
    environment=("QSTASH_*", "UPSTASH_QSTASH_*"),
    retry=RetryFacts(
        option="retries",
        counts="retries",
        default=3,
        automatic=True,
        backoff=Backoff("table", table=(12, 148, 1_808, 22_026, 86_400)),
    ),
    time_unit="s",
    acknowledgement="late",
    source="the SDK and the service's documentation",
)
