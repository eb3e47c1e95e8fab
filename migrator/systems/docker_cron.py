"""Cron in a container: ofelia, supercronic, a crond of its own."""

from __future__ import annotations

from migrator.systems.facts import Program, System

SYSTEM = System(
    name="docker-cron",
    title="Cron in a container",
    languages=("typescript", "javascript", "python"),
    programs=(
        Program(name="supercronic", commands={"": "scheduler"}),
        Program(name="ofelia", commands={"daemon": "scheduler"}),
    ),
    default_timezone="local",
    source="shapes met in applications",
)
