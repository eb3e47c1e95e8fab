"""APScheduler's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="APScheduler 3.11.3, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-attempts", title="Runs of what has failed", value=1, unit="count", per="run"),
    _read(id="MIG12", name="misfire", title="A start that is later than this is dropped", value=1, unit="s", per="run"),
    _read(id="MIG15", name="instances", title="Runs of one job at once", value=1, unit="count", per="job"),
    _read(id="MIG15", name="threads", title="Jobs at once", value=10, unit="count", per="process"),
)
