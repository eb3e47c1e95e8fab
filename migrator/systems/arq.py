"""arq 0.28 (read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.arq_capabilities import CAPABILITIES
from migrator.systems.arq_limits import LIMITS
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="arq",
    title="arq",
    languages=("python",),
    result_handles=True,
    pypi=("arq",),
    environment=("ARQ_*",),
    programs=(
        Program(
            name="arq",
            commands={"": "worker"},
            values={"--watch": "watch", "--custom-log-dict": "custom-log-dict"},
            flags={
                "--burst": "burst",
                "--no-burst": "no-burst",
                "--check": "check",
                "-v": "verbose",
                "--verbose": "verbose",
            },
            needs=r"\.",
        ),
    ),
    retry=RetryFacts(option="max_tries", counts="executions", default=5, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    default_timeout=300,
    default_timezone="local",
    acknowledgement="late",
    infrastructure="Redis; a worker process",
    parallelism="10 coroutines in each worker unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    default_queue="arq:queue",
    limits=LIMITS,
    source="arq 0.28.0",
)

#: jobs at once in one worker, unless `max_jobs` says otherwise
DEFAULT_MAX_JOBS = 10
#: tries of a `cron(…)` that says nothing, all runs counted
CRON_TRIES = 1

#: attributes of a settings class that `arq.Worker` takes, beside `functions` and `cron_jobs`
SETTINGS = frozenset(
    (
        *("queue_name", "redis_settings", "redis_pool", "burst", "on_startup", "on_shutdown", "on_job_start", "on_job_end"),
        *("after_job_end", "handle_signals", "job_completion_wait", "max_jobs", "job_timeout", "keep_result", "keep_result_forever"),
        *("poll_delay", "queue_read_limit", "max_tries", "health_check_interval", "health_check_key", "ctx", "retry_jobs"),
        *("allow_abort_jobs", "max_burst_jobs", "job_serializer", "job_deserializer", "expires_extra_ms", "timezone", "log_results"),
    )
)
