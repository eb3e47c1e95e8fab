"""Bull's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="bull 4.16.5, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-attempts", title="Runs when nothing is said", value=1, unit="count", per="job"),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry", value=0, unit="s", per="retry"),
    _read(id="MIG13", name="lock", title="Lock of a running job, renewed every half of it", value=30, unit="s", per="run"),
    _read(id="MIG13", name="stalls", title="Times that a stalled job is run again", value=1, unit="count", per="job"),
    _read(id="MIG15", name="concurrency", title="Jobs at once", value=1, unit="count", per="processor"),
)
