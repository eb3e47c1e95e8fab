"""Django Q and django-q2 (1.11.1, read)."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import Program, RetryFacts, System

SYSTEM = System(
    name="django-q",
    title="Django Q",
    languages=("python",),
    pypi=("django-q", "django-q2"),
    environment=("Q_CLUSTER*",),
    programs=(
        Program(name="qcluster", commands={"": "worker"}),
        Program(name="qmonitor", commands={"": "monitor"}),
    ),
    retry=RetryFacts(option="max_attempts", counts="executions", default=None, automatic=True, backoff=Backoff("fixed", Literal(60))),
    time_unit="s",
    default_timezone="",
    acknowledgement="late",
    source="django-q2 1.11.1",
)
