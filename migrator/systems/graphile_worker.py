"""Graphile Worker 0.16 to 0.18."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="graphile-worker",
    title="Graphile Worker",
    languages=("typescript", "javascript"),
    npm=("graphile-worker", "nestjs-graphile-worker"),
    environment=("GRAPHILE_WORKER_*",),
    programs=(
        Program(
            name="graphile-worker",
            commands={"": "worker"},
            values={"-c": "connection", "--connection": "connection", "-j": "jobs", "--jobs": "jobs", "--crontab": "crontab"},
            concurrency="jobs",
        ),
    ),
    retry=RetryFacts(
        option="maxAttempts", counts="executions", default=25, automatic=True, backoff=Backoff("exponential", Literal(1), 2.718281828)
    ),
    time_unit="s",
    priority="lower sooner",
    acknowledgement="late",
    source="graphile-worker 0.18, its types",
)
