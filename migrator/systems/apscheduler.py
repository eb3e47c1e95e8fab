"""APScheduler 3 (3.11.3, read and run): a scheduler inside a process, not a queue."""

from __future__ import annotations

from migrator.systems.facts import Program, System

SYSTEM = System(
    name="apscheduler",
    title="APScheduler",
    languages=("python",),
    pypi=("apscheduler", "flask-apscheduler", "django-apscheduler"),
    environment=("SCHEDULER_*", "APSCHEDULER_*"),
    programs=(Program(name="runapscheduler", commands={"": "scheduler"}),),
    default_timezone="local",
    source="apscheduler 3.11.3",
)
