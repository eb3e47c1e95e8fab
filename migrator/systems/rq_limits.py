"""RQ's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="rq 3.0.0, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-retries", title="Retries when nothing is said", value=0, unit="count", per="job"),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry", value=0, unit="s", per="retry"),
    _read(id="MIG13", name="time-limit", title="Time limit when nothing is said", value=180, unit="s", per="run"),
    _read(id="MIG15", name="concurrency", title="Jobs at once", value=1, unit="count", per="worker"),
    _read(id="MIG16", name="result-expiry", title="Results are kept for", value=500, unit="s", per="result"),
    _read(id="MIG16", name="failure-expiry", title="Failed jobs are kept for", value=31_536_000, unit="s", per="job"),
)
