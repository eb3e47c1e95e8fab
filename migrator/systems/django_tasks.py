"""Django's own task API (`django.tasks` of Django 6, the django-tasks backport) and its backends."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.django_tasks_capabilities import CAPABILITIES
from migrator.systems.django_tasks_limits import LIMITS
from migrator.systems.facts import Program, RetryFacts, System

#: Django applications of backends and schedulers
APPS = frozenset(
    (
        *("django_tasks", "django_tasks.backends.database", "django_tasks.backends.rq", "django_tasks_db", "django_tasks_rq"),
        *("django_tasks_celery", "crontask"),
    )
)

SYSTEM = System(
    name="django-tasks",
    title="Django Tasks",
    languages=("python",),
    result_handles=True,
    transactional="depends",
    pypi=("django-tasks", "django-tasks-db", "django-tasks-rq", "django-tasks-celery", "django-crontask"),
    programs=(
        Program(
            name="db_worker",
            commands={"": "worker"},
            values={
                "--queue-name": "queue-name",
                "--exclude-queues": "exclude-queues",
                "--interval": "interval",
                "--max-tasks": "max-tasks",
                "--backend": "backend",
                "--worker-id": "worker-id",
            },
            flags={"--batch": "batch", "--reload": "reload", "--no-startup-delay": "no-startup-delay"},
            queues="queue-name",
        ),
        Program(
            name="crontask",
            commands={"": "scheduler"},
            flags={"--no-task-loading": "no-task-loading", "--no-heartbeat": "no-heartbeat", "--skip-checks": "skip-checks"},
        ),
    ),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    default_timezone="",
    infrastructure="Django; with the database backend your database and a worker process",
    parallelism="one task for each worker",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    default_queue="default",
    limits=LIMITS,
    source="Django 6.1.3, django-tasks 0.12.0, django-tasks-db 0.13.0, django-crontask 2.0.0",
)
