"""Procrastinate 2 and 3 (3.10.0, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import Program, RetryFacts, System
from migrator.systems.procrastinate_capabilities import CAPABILITIES
from migrator.systems.procrastinate_limits import LIMITS

_VALUES = {
    "-a": "app",
    "--app": "app",
    "-n": "name",
    "--name": "name",
    "-q": "queues",
    "--queues": "queues",
    "-c": "concurrency",
    "--concurrency": "concurrency",
    "-p": "fetch-job-polling-interval",
    "-t": "timeout",
} | {
    f"--{name}": name
    for name in (
        *("log-level", "log-format", "log-format-style", "timeout", "fetch-job-polling-interval", "abort-job-polling-interval"),
        *("shutdown-graceful-timeout", "delete-jobs", "settings"),
    )
}
_FLAGS = {
    "-v": "verbose",
    "--verbose": "verbose",
    "-w": "wait",
    "--wait": "wait",
    "--one-shot": "one-shot",
    "-l": "listen-notify",
    "--listen-notify": "listen-notify",
    "--no-listen-notify": "no-listen-notify",
}

SYSTEM = System(
    name="procrastinate",
    title="Procrastinate",
    languages=("python",),
    bulk="`batch_defer(…)`",
    bulk_forms=("batch_defer", "batch_defer_async"),
    transactional="yes",
    pypi=("procrastinate",),
    environment=("PROCRASTINATE_*",),
    programs=(
        Program(
            name="procrastinate",
            commands={"worker": "worker"},
            values=_VALUES,
            flags=_FLAGS,
            queues="queues",
            concurrency="concurrency",
        ),
    ),
    retry=RetryFacts(option="max_attempts", counts="retries", default=0, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    acknowledgement="late",
    infrastructure="your Postgres; a worker process",
    parallelism="`-c` jobs in each worker, 1 unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    default_queue="default",
    limits=LIMITS,
    source="procrastinate 3.10.0",
)

#: the Django application
DJANGO_APPS = ("procrastinate.contrib.django",)
