"""Procrastinate's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

#: seconds without a sign of life after which it takes a worker for dead, unless told otherwise; workers give one every ten
STALLED_AFTER = 30

_read = partial(Limit, source="procrastinate 3.10.0, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-retries", title="Retries when nothing is said", value=0, unit="count", per="job"),
    _read(id="MIG12", name="missed-period", title="Periodic runs that were missed are made up for within", value=600, unit="s", per="task"),
    _read(id="MIG13", name="stalled", title="Worker without heartbeat counts as dead after", value=STALLED_AFTER, unit="s", per="worker"),
    _read(id="MIG15", name="concurrency", title="Jobs at once", value=1, unit="count", per="worker"),
)
