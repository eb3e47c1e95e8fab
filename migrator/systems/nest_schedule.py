"""NestJS's schedule module: timers inside the process."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="nest-schedule",
    title="@nestjs/schedule",
    languages=("typescript", "javascript"),
    npm=("@nestjs/schedule",),
    default_timezone="local",
    source="shapes met in applications",
)
