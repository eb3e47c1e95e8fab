"""The operating system's cron: crontab files."""

from __future__ import annotations

from migrator.systems.facts import Program, System

SYSTEM = System(
    name="cron",
    title="cron",
    languages=("typescript", "javascript", "python"),
    programs=(Program(name="crond", commands={"": "scheduler"}),),
    default_timezone="local",
    source="shapes met in applications",
)
