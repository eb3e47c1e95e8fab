"""The numbers of Django Tasks."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="Django 6.1.3 and django-tasks-db 0.13.0, read and run", checked="2026-11-21")

LIMITS: tuple[Limit, ...] = (
    _read(id="MIG06", name="default-attempts", title="Runs of what has failed", value=1, unit="count", per="task"),
    _read(id="MIG09", name="priority", title="Largest priority; the least is its negative", value=100, unit="count", per="task"),
    _read(id="MIG15", name="concurrency", title="Tasks at once", value=1, unit="count", per="worker", kind="default"),
)
