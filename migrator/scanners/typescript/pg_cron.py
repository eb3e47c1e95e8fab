"""Postgres' own schedules and queues from TypeScript: SQL in code, and Supabase's `schema("pgmq_public").rpc("send", …)`."""

from __future__ import annotations

from migrator.scanners.pgmq_rpc import called
from migrator.scanners.reading import Reader
from migrator.scanners.sql.in_code import collect
from migrator.systems.pg_cron import SYSTEM

READER = Reader(
    system=SYSTEM.name,
    markers=(b"pgmq", b"cron.schedule", b"cron.unschedule", b"cron.alter_job", b"cron.job"),
    packages=(),
    call=called,
    file=collect,
    methods=frozenset(("rpc",)),
)
