"""Huey's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="huey 3.5.4, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-retries", title="Retries when nothing is said", value=0, unit="count", per="task"),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry", value=0, unit="s", per="retry"),
    Limit(
        id="MIG12",
        name="cron-period",
        title="Least time between two runs of a periodic task",
        value=60,
        unit="s",
        per="task",
        kind="minimum",
        source="huey 3.5.4, read and run",
        checked="2026-11-21",
    ),
    _read(id="MIG15", name="concurrency", title="Tasks at once", value=1, unit="count", per="consumer"),
)
