"""Schedules that the application keeps itself: a cron and a function in one object, which code of its own, or something outside, runs."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="custom-schedule",
    title="Own schedules",
    languages=("typescript", "javascript"),
    source="shapes met in applications",
)
