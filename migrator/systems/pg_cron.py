"""pg_cron and Supabase Cron: SQL on a schedule, inside the database."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="pg_cron",
    title="pg_cron",
    languages=("sql",),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    time_unit="s",
    source="pg_cron's own documentation and source",
)
