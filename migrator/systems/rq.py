"""RQ 2 and 3, django-rq and rq-scheduler (rq 3.0.0 and 2.12.0, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System
from migrator.systems.rq_capabilities import CAPABILITIES
from migrator.systems.rq_limits import LIMITS
from migrator.systems.rq_programs import PROGRAMS
from migrator.systems.rq_removed import REMOVED

SYSTEM = System(
    name="rq",
    title="RQ",
    languages=("python",),
    result_handles=True,
    pypi=(
        *("rq", "django-rq", "rq-scheduler", "rq-dashboard", "flask-rq", "flask-rq2", "rqmonitor", "rq-exporter"),
        *("django-rq-scheduler", "django-rq-cron"),
    ),
    environment=("RQ_*",),
    programs=PROGRAMS,
    retry=RetryFacts(option="max", counts="retries", default=0, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    default_timeout=180,
    default_timezone="local",
    acknowledgement="early",
    infrastructure="Redis; a process for each job at a time; rq cron for schedules",
    parallelism="one job for each worker",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    default_queue="default",
    limits=LIMITS,
    removed=REMOVED,
    source="rq 3.0.0 and 2.12.0, rq-scheduler 0.14.0, django-rq 4.2.0",
)
