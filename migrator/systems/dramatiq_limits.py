"""Dramatiq's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="dramatiq 2.2.1, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-retries", title="Retries when nothing is said", value=20, unit="count", per="message"),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry, up to twice that", value=15, unit="s", per="retry"),
    _read(id="MIG07", name="backoff", title="Longest wait before a retry", value=604_800, unit="s", per="retry"),
    _read(id="MIG13", name="time-limit", title="Time limit when nothing is said", value=600, unit="s", per="run"),
    _read(
        id="MIG13", name="heartbeat", title="Worker without heartbeat counts as dead after", value=60, unit="s", per="worker", plan="Redis"
    ),
    _read(id="MIG15", name="threads", title="Threads of a process", value=8, unit="count", per="process"),
    _read(id="MIG16", name="result-expiry", title="Results are kept for", value=600, unit="s", per="result"),
    _read(id="MIG16", name="dead-letters", title="Dead letters are kept for", value=604_800, unit="s", per="message", plan="Redis"),
)
