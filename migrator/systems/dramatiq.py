"""Dramatiq 2, as read from dramatiq 2.2.1, and run."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.regex import regex
from migrator.systems.dramatiq_capabilities import CAPABILITIES
from migrator.systems.dramatiq_limits import LIMITS
from migrator.systems.dramatiq_programs import PROGRAMS
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="dramatiq",
    title="Dramatiq",
    languages=("python",),
    result_handles=True,
    pypi=(
        *("dramatiq", "django-dramatiq", "django-dramatiq-pg", "django-dramatiq-postgres", "dramatiq-abort", "dramatiq-apscheduler"),
        *("dramatiq-crontab", "dramatiq-dashboard", "dramatiq-eager-broker", "dramatiq-kombu-broker", "dramatiq-mongodb", "dramatiq-pg"),
        *("dramatiq-postgres", "dramatiq-sqlite", "dramatiq-sqs", "dramatiq-workflow", "async-dramatiq", "flask-dramatiq"),
        *("flask-melodramatiq", "periodiq", "django-periodiq"),
    ),
    environment=("dramatiq_*", "DRAMATIQ_*"),
    programs=PROGRAMS,
    retry=RetryFacts(
        option="max_retries",
        counts="retries",
        default=20,
        automatic=True,
        backoff=Backoff("exponential", Literal(15), 2.0, Literal(604_800), "up"),
    ),
    time_unit="ms",
    priority="lower sooner",
    default_timeout=600,
    default_timezone="",
    acknowledgement="late",
    infrastructure="Redis or RabbitMQ; worker processes; another process for schedules",
    parallelism="8 threads in each process, one process for each core, unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    default_queue="default",
    limits=LIMITS,
    compositions=("pipeline", "group"),
    companions=("apscheduler",),
    source="dramatiq 2.2.1",
)

#: requirement that a rewritten application gets, by extra
REQUIREMENT = "dramatiq[{extra}]>=2.0,<3"
SCHEDULER_REQUIREMENT = "apscheduler>=3.11,<4"

_QUEUE = regex(r"[a-zA-Z_][a-zA-Z0-9._-]*")


def valid_queue(name: str) -> bool:
    """True for a name that Dramatiq accepts for a queue.

    >>> valid_queue("mail"), valid_queue("a:b"), valid_queue("9")
    (True, False, False)
    """
    return _QUEUE.fullmatch(name) is not None
