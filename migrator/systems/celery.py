"""Celery 5, as read from celery 5.7.0 and kombu 5.7.0, and run."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.celery_capabilities import CAPABILITIES
from migrator.systems.celery_limits import LIMITS
from migrator.systems.celery_programs import PROGRAMS
from migrator.systems.celery_removed import REMOVED
from migrator.systems.facts import RetryFacts, System

#: scheme of a broker's address -> what kind of broker it is
BROKERS = {
    **dict.fromkeys(("redis", "rediss", "sentinel"), "redis"),
    **dict.fromkeys(("amqp", "amqps", "pyamqp"), "amqp"),
    "sqs": "sqs",
    "memory": "memory",
}
#: kind of broker -> seconds after which it hands out anew what nobody has confirmed, unless `visibility_timeout` says otherwise
VISIBILITY_TIMEOUTS = {"redis": 3_600, "sqs": 1_800}
#: in Redis, what stands between the name of a queue and a priority, and between the parts of a binding
SEPARATOR = "\x06\x16"

SYSTEM = System(
    name="celery",
    title="Celery",
    overlapping_runs="yes",
    languages=("python",),
    result_handles=True,
    bulk="`group(…)`, or one job that takes them all",
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
    infrastructure="Redis, RabbitMQ or SQS; worker processes; beat for schedules",
    parallelism="processes of each worker, one for each core unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    # `task_default_queue` gives another one.
    default_queue="celery",
    limits=LIMITS,
    removed=REMOVED,
    source="celery 5.7.0, kombu 5.7.0",
)

#: seconds between attempts where neither the task nor the call says so
DEFAULT_RETRY_DELAY = 180
#: `retry_backoff_max`, seconds
DEFAULT_BACKOFF_MAXIMUM = 600
#: beats every setting of the broker's address, if it is set and not empty
BROKER_ENVIRONMENT = "CELERY_BROKER_URL"

#: modules whose import means that Celery is used
MODULES = ("celery", "kombu", "billiard", "djcelery", "django_celery_beat", "django_celery_results")
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
