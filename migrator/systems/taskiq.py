"""Taskiq 0.13 (read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="taskiq",
    title="Taskiq",
    languages=("python",),
    pypi=("taskiq", "taskiq-redis", "taskiq-aio-pika", "taskiq-nats", "taskiq-fastapi", "taskiq-pg", "taskiq-pipelines"),
    environment=("TASKIQ_*",),
    programs=(
        Program(
            name="taskiq",
            commands={"worker": "worker", "scheduler": "scheduler"},
            values={"-w": "workers", "--workers": "workers", "-tp": "tasks-pattern", "--max-async-tasks": "max-async-tasks"},
            concurrency="workers",
        ),
    ),
    # Only with a retry middleware, and `retry_on_error` on the task.
    retry=RetryFacts(option="max_retries", counts="executions", default=3, automatic=False, backoff=Backoff("fixed", Literal(5))),
    time_unit="s",
    priority="depends",
    acknowledgement="late",
    source="taskiq 0.13.0, taskiq-redis 1.2.4",
)
