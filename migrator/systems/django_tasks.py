"""Django's own task API (`django.tasks` of Django 6, the django-tasks backport) and its backends."""

from __future__ import annotations

from migrator.systems.facts import Program, System

SYSTEM = System(
    name="django-tasks",
    title="Django Tasks",
    languages=("python",),
    pypi=("django-tasks", "django-tasks-db", "django-tasks-rq", "django-tasks-celery"),
    programs=(
        Program(
            name="db_worker",
            commands={"": "worker"},
            values={"--queue-name": "queue-name", "--interval": "interval", "--max-tasks": "max-tasks", "--backend": "backend"},
            queues="queue-name",
        ),
    ),
    priority="higher sooner",
    source="Django 6.1.3, django-tasks 0.12.0, django-tasks-db 0.13.0",
)
