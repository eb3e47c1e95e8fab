"""The numbers of pg_cron and Supabase Cron."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_supabase = partial(Limit, source="Supabase's documentation of Cron", checked="2026-11-21", kind="advice", plan="Supabase")

LIMITS: tuple[Limit, ...] = (
    Limit(
        id="MIG06",
        name="default-attempts",
        title="Runs of what has failed",
        value=1,
        unit="count",
        per="run",
        source="citusdata/pg_cron",
        checked="2026-11-21",
    ),
    Limit(
        id="MIG12",
        name="interval",
        title="Longest interval in seconds",
        value=59,
        unit="s",
        per="schedule",
        source="citusdata/pg_cron, from 1.5",
        checked="2026-11-21",
    ),
    _supabase(id="MIG13", name="run-time", title="Longest run", value=600, unit="s", per="run"),
    _supabase(id="MIG15", name="concurrency", title="Jobs at once", value=8, unit="count", per="database"),
)
