"""A hand-rolled job table in Postgres: nothing holds but what the application's own code says."""

from __future__ import annotations

from migrator.systems.facts import System
from migrator.systems.postgres_table_capabilities import CAPABILITIES

SYSTEM = System(
    name="postgres-table",
    title="Postgres job table",
    languages=("typescript", "javascript", "python", "sql"),
    transactional="yes",
    bulk_forms=("createMany", "bulk_create"),
    latency_floor="up to the worker's polling interval, half of it on average",
    infrastructure="your Postgres; a worker process, or a route that a cron calls",
    parallelism="whatever the worker's own code does",
    cost="nothing, but for your servers",
    capabilities=CAPABILITIES,
    source="shapes met in applications; every number comes from the code",
)
