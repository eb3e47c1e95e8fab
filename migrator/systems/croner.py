"""croner: cron timers inside a JavaScript process."""

from __future__ import annotations

from migrator.systems.facts import System

SYSTEM = System(
    name="croner",
    title="croner",
    overlapping_runs="yes",
    one_run_options=("protect",),
    in_process=True,
    languages=("typescript", "javascript"),
    npm=("croner",),
    default_timezone="local",
    source="croner 11.0, its types",
)
