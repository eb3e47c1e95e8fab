"""Procrastinate 3 (3.10.0, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import Program, RetryFacts, System

_VALUES = {"-a": "app", "--app": "app", "-q": "queues", "--queues": "queues", "-c": "concurrency", "--concurrency": "concurrency"}

SYSTEM = System(
    name="procrastinate",
    title="Procrastinate",
    languages=("python",),
    pypi=("procrastinate",),
    environment=("PROCRASTINATE_*",),
    programs=(Program(name="procrastinate", commands={"worker": "worker"}, values=_VALUES, queues="queues", concurrency="concurrency"),),
    retry=RetryFacts(option="max_attempts", counts="retries", default=0, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    acknowledgement="late",
    source="procrastinate 3.10.0",
)
