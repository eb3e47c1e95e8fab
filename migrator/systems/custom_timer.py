"""Timers that the application makes itself: `setInterval`, a loop that sleeps."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="custom-timer",
    title="Own timers",
    overlapping_runs="yes",
    in_process=True,
    languages=("typescript", "javascript", "python"),
    default_timezone="local",
    source="shapes met in applications",
)
