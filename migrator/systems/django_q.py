"""Django Q and django-q2 (1.11.1, read)."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Backoff, Literal
from migrator.systems.django_q_capabilities import CAPABILITIES
from migrator.systems.django_q_limits import LIMITS
from migrator.systems.facts import Program, RetryFacts, System

#: keywords that `async_task` keeps for itself; all others go to the function
ASYNC_OPTIONS = frozenset(
    (
        *("hook", "group", "save", "sync", "cached", "ack_failure", "iter_count", "iter_cached", "chain", "broker", "cluster", "timeout"),
        *("q_options", "task_name"),
    )
)
#: the same of `schedule`; the fields of a `Schedule` row beside its arguments
SCHEDULE_OPTIONS = frozenset(
    ("name", "hook", "schedule_type", "minutes", "repeats", "next_run", "cron", "cluster", "intended_date_kwarg", "q_options")
)

#: `Schedule`'s types of schedule, by the letters that are stored
TYPES: Mapping[str, str] = {
    "O": "ONCE",
    "I": "MINUTES",
    "H": "HOURLY",
    "D": "DAILY",
    "W": "WEEKLY",
    "BW": "BIWEEKLY",
    "M": "MONTHLY",
    "BM": "BIMONTHLY",
    "Q": "QUARTERLY",
    "Y": "YEARLY",
    "C": "CRON",
}
#: seconds between two runs, for the types that have a fixed number of them
INTERVALS: Mapping[str, int] = {"HOURLY": 3_600, "DAILY": 86_400, "WEEKLY": 604_800, "BIWEEKLY": 1_209_600}
#: seconds in one of `minutes`
MINUTE = 60
#: the table of schedules
SCHEDULES = "django_q_schedule"
#: type of a schedule that says nothing of it
DEFAULT_TYPE = "ONCE"

#: keys of `Q_CLUSTER` that choose a broker which gives a job again if it was not acknowledged; without one, Redis loses it
ACKNOWLEDGING_BROKERS = frozenset(("orm", "sqs", "iron_mq", "mongo"))

SYSTEM = System(
    name="django-q",
    title="Django Q",
    languages=("python",),
    result_handles=True,
    pypi=("django-q", "django-q2"),
    environment=("Q_CLUSTER*",),
    programs=(
        Program(
            name="qcluster",
            commands={"": "worker"},
            values={"-n": "name", "--name": "name"},
            flags={"--run-once": "run-once"},
            queues="name",
        ),
        Program(name="qmonitor", commands={"": "monitor"}, flags={"--run-once": "run-once"}),
    ),
    retry=RetryFacts(option="max_attempts", counts="executions", default=None, automatic=True, backoff=Backoff("fixed", Literal(60))),
    time_unit="s",
    default_timezone="",
    transactional="depends",
    acknowledgement="late",
    infrastructure="Django; Redis, the database or SQS; a cluster of processes",
    parallelism="one process for each core unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="django-q2 1.11.1",
)
