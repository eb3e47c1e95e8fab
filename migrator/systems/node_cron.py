"""node-cron and its like: timers inside a Node.js process."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="node-cron",
    title="node-cron",
    languages=("typescript", "javascript"),
    npm=("node-cron", "cron", "node-schedule", "toad-scheduler"),
    default_timezone="local",
    source="shapes met in applications",
)
