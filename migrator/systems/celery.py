"""Celery 5, as read from celery 5.7.0 and kombu 5.7.0, and run."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.celery_programs import PROGRAMS
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="celery",
    title="Celery",
    languages=("python",),
    pypi=(
        "celery",
        "kombu",
        "billiard",
        "flower",
        "django-celery-beat",
        "django-celery-results",
        "celery-redbeat",
        "celery-once",
        "celery-singleton",
        "celery-batches",
        "celery-progress",
        "celery-types",
        "pytest-celery",
        "tenant-schemas-celery",
        "sqlalchemy-celery-beat",
    ),
    environment=("CELERY_*", "CELERYD_*", "CELERYBEAT_*", "FLOWER_*"),
    programs=PROGRAMS,
    retry=RetryFacts(
        option="max_retries",
        counts="retries",
        default=3,
        automatic=False,
        backoff=Backoff("fixed", Literal(180)),
    ),
    time_unit="s",
    priority="depends",
    default_timeout=None,
    default_timezone="UTC",
    acknowledgement="early",
    compositions=("chain", "group", "chord", "chunks", "map", "starmap", "xmap", "xstarmap"),
    capabilities={
        "delay": "native",
        "moment": "native",
        "expiry": "native",
        "priority": "native, its direction depends on the broker",
        "retry on chosen errors": "native",
        "retry from the body": "native",
        "backoff": "native",
        "time limit": "native, ends the process",
        "rate limit": "native, per worker process",
        "chain": "native",
        "group": "native",
        "chord": "native",
        "results": "native",
        "cron": "native, in a process of its own (beat)",
        "routing by pattern": "native",
    },
    source="celery 5.7.0, kombu 5.7.0",
)

#: queue of a task that names none, unless `task_default_queue` is set
DEFAULT_QUEUE = "celery"
#: seconds between attempts where neither the task nor the call says so
DEFAULT_RETRY_DELAY = 180
#: `retry_backoff_max`, seconds
DEFAULT_BACKOFF_MAXIMUM = 600
#: beats every setting of the broker's address, if it is set and not empty
BROKER_ENVIRONMENT = "CELERY_BROKER_URL"

#: modules whose import means that Celery is used
MODULES = ("celery", "kombu", "billiard", "djcelery", "django_celery_beat", "django_celery_results")

#: what a task object answers to, beyond being called: none of these exists on a Dramatiq actor with the same meaning
TASK_ATTRIBUTES = frozenset(
    (
        *("delay", "apply_async", "apply", "delay_on_commit", "apply_async_on_commit", "s", "si", "signature", "subtask", "map"),
        *("starmap", "chunks", "retry", "replace", "request", "run", "name", "app", "backend", "update_state", "AsyncResult"),
        *("max_retries", "default_retry_delay", "rate_limit", "time_limit", "soft_time_limit", "ignore_result", "queue"),
        *("MaxRetriesExceededError", "OperationalError", "bind", "on_failure", "on_success", "on_retry", "after_return"),
    )
)

#: packages that only describe Celery to type checkers
STUBS = frozenset(("celery-types", "celery-stubs"))
#: packages that store results of tasks, for people to look at or for code to look up
RESULT_STORES = frozenset(("django-celery-results", "sqlalchemy-celery-results"))
#: packages whose presence changes what every task does, or starts tasks that the code does not show
PLUGINS = frozenset(
    (
        *("django-celery-beat", "celery-redbeat", "celery-once", "celery-singleton", "celery-batches"),
        *("celery-progress", "tenant-schemas-celery", "sqlalchemy-celery-beat", "django-celery", "celery-pool-asyncio", "celery-aio-pool"),
    )
)
