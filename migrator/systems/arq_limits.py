"""arq's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="arq 0.28.0, read", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(
        id="MIG06",
        name="default-attempts",
        title="Runs of a job that raises Retry or was cancelled",
        value=5,
        unit="count",
        per="job",
    ),
    _read(id="MIG08", name="gone-after", title="A job is gone so long after its moment", value=86_400, unit="s", per="job"),
    _read(id="MIG13", name="time-limit", title="Time limit when nothing is said", value=300, unit="s", per="run"),
    _read(id="MIG15", name="concurrency", title="Jobs at once", value=10, unit="count", per="worker"),
    _read(id="MIG16", name="result-expiry", title="Results are kept for", value=3_600, unit="s", per="result"),
)
