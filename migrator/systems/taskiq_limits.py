"""Taskiq's numbers."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="taskiq 0.13.0 and taskiq-redis 1.2.4, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(
        id="MIG06",
        name="default-attempts",
        title="Runs of a task that asks for retries",
        value=3,
        unit="count",
        per="task",
        note="one without the middleware and the label `retry_on_error`",
    ),
    _read(id="MIG07", name="first-wait", title="Wait before the first retry", value=5, unit="s", per="retry"),
    _read(
        id="MIG13",
        name="idle-timeout",
        title="A message is handed out a second time after",
        value=600,
        unit="s",
        per="run",
        plan="RedisStreamBroker",
    ),
    _read(id="MIG15", name="concurrency", title="Tasks at once", value=100, unit="count", per="process"),
)
