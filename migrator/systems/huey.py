"""Huey 3 (3.5.4, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import Program, RetryFacts, System

_VALUES = {
    "-w": "workers",
    "--workers": "workers",
    "-k": "worker-type",
    "--worker-type": "worker-type",
    "-l": "logfile",
    "--queue": "queue",
}

SYSTEM = System(
    name="huey",
    title="Huey",
    languages=("python",),
    pypi=("huey", "django-huey", "django-huey-monitor"),
    environment=("HUEY_*",),
    programs=tuple(
        Program(name=name, commands={"": "worker"}, values=_VALUES, concurrency="workers")
        for name in ("huey_consumer", "huey_consumer.py", "run_huey", "djangohuey")
    ),
    retry=RetryFacts(option="retries", counts="retries", default=0, automatic=True, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    acknowledgement="early",
    source="huey 3.5.4",
)
