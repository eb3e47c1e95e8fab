"""cron: the operating system's crontab files, and the npm package of that name, whose timers run inside the process."""

from __future__ import annotations

from migrator.systems.facts import Program, System

SYSTEM = System(
    name="cron",
    title="cron",
    languages=("typescript", "javascript", "python"),
    npm=("cron", "@types/cron"),
    programs=(Program(name="crond", commands={"": "scheduler"}),),
    default_timezone="local",
    source="cron(5) and cron 4.4, its types",
)
