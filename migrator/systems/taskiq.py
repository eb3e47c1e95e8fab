"""Taskiq 0.13 (read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import Program, RetryFacts, System
from migrator.systems.taskiq_capabilities import CAPABILITIES
from migrator.systems.taskiq_limits import LIMITS

_COMMON = {"-d": "app-dir", "--app-dir": "app-dir", "-tp": "tasks-pattern", "--tasks-pattern": "tasks-pattern"} | {
    f"--{name}": name for name in ("log-level", "log-format")
}
_WORKER = {"-w": "workers"} | {
    f"--{name}": name
    for name in (
        *("workers", "receiver", "receiver_arg", "max-threadpool-threads", "shutdown-timeout", "reload-dir", "max-async-tasks"),
        *("max-async-tasks-jitter", "max-prefetch", "max-fails", "ack-type", "max-tasks-per-child", "wait-tasks-timeout"),
        *("hardkill-count", "max-process-pool-processes"),
    )
}
_SCHEDULER = {f"--{name}": name for name in ("update-interval", "loop-interval", "send-timeout")}
_FLAGS = {
    "-fsd": "fs-discover",
    "--fs-discover": "fs-discover",
    "-r": "reload",
    "--reload": "reload",
    "--no-parse": "no-parse",
    "--no-propagate-errors": "no-propagate-errors",
    "--do-not-use-gitignore": "do-not-use-gitignore",
    "--no-configure-logging": "no-configure-logging",
    "--use-process-pool": "use-process-pool",
    "--skip-first-run": "skip-first-run",
}

SYSTEM = System(
    name="taskiq",
    title="Taskiq",
    languages=("python",),
    result_handles=True,
    pypi=(
        *("taskiq", "taskiq-redis", "taskiq-aio-pika", "taskiq-nats", "taskiq-fastapi", "taskiq-pg", "taskiq-pipelines"),
        *("taskiq-dependencies", "taskiq-faststream", "taskiq-postgres", "taskiq-aiogram", "taskiq-aiohttp", "taskiq-aio-kafka"),
        *("taskiq-sqs", "taskiq-aio-sqs", "taskiq-psqlpy", "taskiq-litestar", "taskiq-admin", "taskiq-dashboard", "unfazed-taskiq"),
    ),
    environment=("TASKIQ_*",),
    programs=(
        Program(name="taskiq", commands={"worker": "worker"}, values=_COMMON | _WORKER, flags=_FLAGS, concurrency="workers"),
        Program(name="taskiq", commands={"scheduler": "scheduler"}, values=_COMMON | _SCHEDULER, flags=_FLAGS),
    ),
    # Only with a retry middleware, and `retry_on_error` on the task.
    retry=RetryFacts(option="max_retries", counts="executions", default=3, automatic=False, backoff=Backoff("fixed", Literal(5))),
    time_unit="s",
    priority="depends",
    acknowledgement="late",
    infrastructure="Redis, RabbitMQ, NATS or others; worker processes; a scheduler process",
    parallelism="100 coroutines in each process, 2 processes, unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="taskiq 0.13.0, taskiq-redis 1.2.4",
)

#: packages whose brokers, tasks and schedules are Taskiq's
PACKAGES = (
    *("taskiq", "taskiq_redis", "taskiq_aio_pika", "taskiq_nats", "taskiq_pg", "taskiq_postgres", "taskiq_pipelines"),
    *("taskiq_faststream", "taskiq_aio_kafka", "taskiq_sqs", "taskiq_aio_sqs", "taskiq_psqlpy", "taskiq_matrix", "taskiq_memphis"),
    *("taskiq_sqlalchemy", "taskiq_mongodb", "taskiq_ydb", "taskiq_kombu", "taskiq_valkey", "taskiq_redis_streams", "unfazed_taskiq"),
)
