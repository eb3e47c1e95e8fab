"""Celery's numbers; sizes are those of the broker."""

from __future__ import annotations

from functools import partial

from migrator.systems.limits import Limit

_read = partial(Limit, source="celery 5.7.0 and kombu 5.7.0, read and run", checked="2026-11-21", kind="default")

LIMITS: tuple[Limit, ...] = (
    _read(
        id="MIG06",
        name="default-retries",
        title="Retries of a task that asks for them",
        value=3,
        unit="count",
        per="task",
        note="none at all without `autoretry_for` or `self.retry`",
    ),
    _read(id="MIG07", name="first-wait", title="Wait before a retry that says nothing", value=180, unit="s", per="retry"),
    _read(id="MIG07", name="backoff", title="Longest wait of `retry_backoff`", value=600, unit="s", per="retry"),
    _read(
        id="MIG08",
        name="visibility-redis",
        title="Delay after which Redis hands out a message twice",
        value=3_600,
        unit="s",
        per="message",
        plan="Redis",
    ),
    _read(
        id="MIG08",
        name="visibility-sqs",
        title="Delay after which SQS hands out a message twice",
        value=1_800,
        unit="s",
        per="message",
        plan="SQS",
    ),
    _read(id="MIG09", name="priority-redis", title="Steps of priority, 0 first", value=4, unit="count", per="queue", plan="Redis"),
    _read(id="MIG16", name="prefetch", title="Messages that a worker fetches for each process", value=4, unit="count", per="process"),
    _read(id="MIG16", name="result-expiry", title="Results are kept for", value=86_400, unit="s", per="result"),
)
