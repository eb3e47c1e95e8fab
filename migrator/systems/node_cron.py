"""node-cron and its like: timers inside a Node.js process."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="node-cron",
    title="node-cron",
    overlapping_runs="yes",
    one_run_options=("noOverlap", "preventOverrun"),
    in_process=True,
    languages=("typescript", "javascript"),
    npm=("node-cron", "node-schedule", "toad-scheduler"),
    default_timezone="local",
    cron_seconds="yes",
    source="node-cron 4.6, node-schedule 2.1 and toad-scheduler 4.1, their types",
)
