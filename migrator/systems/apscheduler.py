"""APScheduler 3 (3.11.3, read and run) and 4 (4.0.0a6, read): a scheduler inside a process, not a queue."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.apscheduler_capabilities import CAPABILITIES
from migrator.systems.apscheduler_limits import LIMITS
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="apscheduler",
    title="APScheduler",
    overlapping_runs="no",
    in_process=True,
    languages=("python",),
    pypi=("apscheduler", "flask-apscheduler", "django-apscheduler", "nonebot-plugin-apscheduler", "fastapi-apscheduler"),
    environment=("SCHEDULER_*", "APSCHEDULER_*"),
    programs=(Program(name="runapscheduler", commands={"": "scheduler"}),),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    default_timezone="local",
    acknowledgement="early",
    infrastructure="the process that starts it; a database where schedules are to outlive it",
    parallelism="a pool of 10 threads unless said",
    cost="nothing",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="apscheduler 3.11.3, Flask-APScheduler 1.13.1, django-apscheduler 0.7.0",
)

#: packages whose schedulers are APScheduler's
PACKAGES = ("apscheduler", "flask_apscheduler", "django_apscheduler", "nonebot_plugin_apscheduler", "fastapi_apscheduler")
#: Django applications
DJANGO_APPS = ("django_apscheduler",)
#: settings of Flask-APScheduler; both of the last two hold jobs
FLASK_SETTINGS = frozenset(
    (
        *("SCHEDULER_JOBSTORES", "SCHEDULER_EXECUTORS", "SCHEDULER_JOB_DEFAULTS", "SCHEDULER_TIMEZONE", "SCHEDULER_AUTH"),
        *("SCHEDULER_VIEWS_ENABLED", "SCHEDULER_API_ENABLED", "SCHEDULER_API_PREFIX", "SCHEDULER_ENDPOINT_PREFIX"),
        *("SCHEDULER_ALLOWED_HOSTS", "SCHEDULER_JOBS", "JOBS"),
    )
)
#: settings of django-apscheduler
DJANGO_SETTINGS = frozenset(("APSCHEDULER_DATETIME_FORMAT", "APSCHEDULER_RUN_NOW_TIMEOUT", "SCHEDULER_CONFIG"))
