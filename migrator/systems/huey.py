"""Huey 3 (3.5.4, read and run)."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System
from migrator.systems.huey_capabilities import CAPABILITIES
from migrator.systems.huey_limits import LIMITS
from migrator.systems.huey_programs import PROGRAMS

SYSTEM = System(
    name="huey",
    title="Huey",
    languages=("python",),
    result_handles=True,
    pypi=(
        *("huey", "django-huey", "django-huey-monitor", "django-huey-logger", "django-huey-email", "django-huey-email-backend"),
        *("flask-huey", "huey-pg", "huey-mongodb", "huey-django-orm", "huey-stubs"),
    ),
    environment=("HUEY_*",),
    programs=PROGRAMS,
    retry=RetryFacts(option="retries", counts="retries", default=0, automatic=True, backoff=Backoff("none")),
    time_unit="s",
    priority="higher sooner",
    acknowledgement="early",
    infrastructure="Redis, SQLite, Postgres or files; a consumer process",
    parallelism="`-w` workers of a consumer, 1 unless said",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="huey 3.5.4",
)
