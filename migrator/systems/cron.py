"""cron: the operating system's crontab files, and timers inside the process: the npm package of that name, `Deno.cron`, Nitro's tasks."""

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
