"""django-q2's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="django-q2 1.11.1, read", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(
        id="MIG13",
        name="redelivery",
        title="A task is handed out a second time after",
        value=60,
        unit="s",
        per="run",
        note="has to be longer than the longest task",
    ),
    _read(id="MIG16", name="results", title="Results that are kept", value=250, unit="count", per="cluster"),
    _read(id="MIG16", name="recycle", title="Tasks after which a process is replaced", value=500, unit="count", per="process"),
)
