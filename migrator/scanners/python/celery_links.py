"""What only the whole project can tell about Celery: names tied to jobs, and what settings mean for jobs and schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from migrator.jobs import Client, Enqueue, Expression, Item, Job, Literal, Schedule, Setting, Value, affine, literal_of
from migrator.scanners.found import Found
from migrator.scanners.python.celery_terms import SYSTEM

#: options of a task that `task_annotations` can set -> the model's fields
_ANNOTATED = {"rate_limit": "rate_limit", "time_limit": "timeout", "queue": "queue", "priority": "priority", "expires": "expires"}
#: the lowest of Redis' priorities: there, and only there, a lower number is sooner
_REDIS_LAST = 9
_Changes = dict[str, Any]


def link(found: Found) -> None:
    """Complete Celery's items."""
    jobs = {i.name: f"{i.module}:{i.symbol}" for i in _of(found, Job) if i.name}
    settings = _settings(found)
    lower_is_sooner = _on_redis(settings)
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        changes: _Changes = {}
        if isinstance(item, Job):
            changes = _job(item, settings)
        elif isinstance(item, Enqueue) and not item.job:
            changes = {"job": jobs[item.name]} if item.name in jobs else {}
        elif isinstance(item, Schedule):
            changes = _schedule(item, jobs, settings)
        priority = getattr(item, "priority", None)
        if lower_is_sooner and priority is not None:
            changes["priority"] = affine(priority, scale=-1, offset=_REDIS_LAST)
        if changes:
            found.items[index] = msgspec.structs.replace(item, **changes)


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _settings(found: Found) -> dict[str, Value]:
    """Values of settings by their modern names; those in tests do not count, and of two that disagree neither does."""
    values: dict[str, Value] = {}
    doubtful: set[str] = set()
    for item in _of(found, Setting):
        key = literal_of(item.options.get("key"))
        if not isinstance(key, str) or item.value is None or item.area:
            continue
        if key in values and values[key] != item.value:
            doubtful.add(key)
        values[key] = item.value
    for item in _of(found, Client):
        values |= {key: value for name, value in item.options.items() if (key := _CLIENT.get(name, "")) and key not in values}
    return {k: v for k, v in values.items() if k not in doubtful}


_CLIENT = {"broker": "broker_url", "timezone": "timezone", "task_routes": "task_routes", "task_acks_late": "task_acks_late"}


def _job(job: Job, settings: dict[str, Value]) -> _Changes:
    """What the project's settings say where the task itself says nothing."""
    changes: _Changes = _annotated(job, literal_of(settings.get("task_annotations")))
    if job.queue is None and "queue" not in changes:
        queue = _routed(job.name, literal_of(settings.get("task_routes"))) or literal_of(settings.get("task_default_queue"))
        if isinstance(queue, str):
            changes["queue"] = Literal(queue)
    if not job.acknowledgement and literal_of(settings.get("task_acks_late")) is True:
        changes["acknowledgement"] = "late"
    if job.timeout is None and "timeout" not in changes:
        limit = settings.get("task_time_limit") or settings.get("task_soft_time_limit")
        if limit is not None and limit != Literal(None):
            changes["timeout"] = limit
    return changes


def _annotated(job: Job, annotations: object) -> _Changes:
    """What `task_annotations` set on a task, whatever the task itself says: those for all under `*`, then its own."""
    changes: _Changes = {}
    tables: list[Any] = [t for t in (annotations if isinstance(annotations, list | tuple) else (annotations,)) if isinstance(t, dict)]
    for table in tables:
        for name in ("*", job.name):
            options = table.get(name)
            for option, value in options.items() if isinstance(options, dict) else ():
                if option in _ANNOTATED:
                    changes[_ANNOTATED[option]] = Literal(value)
                elif option == "acks_late":
                    changes["acknowledgement"] = "late" if value else "early"
                elif option == "max_retries" and job.retry is not None and job.retry.max_attempts != Literal(1):
                    changes["retry"] = msgspec.structs.replace(job.retry, max_attempts=affine(Literal(value), offset=1), explicit=True)
    return changes


def _routed(name: str, routes: object) -> str:
    """The queue that `task_routes` gives to a task: the first pattern that matches, an exact name before all.

    >>> _routed("a.b.c", {"a.*": {"queue": "x"}}), _routed("a.b.c", [["a.b.*", {"queue": "y"}]]), _routed("b", {"a.*": "x"})
    ('x', 'y', '')
    """
    if isinstance(routes, list | tuple):
        tables = [r if isinstance(r, dict) else {r[0]: r[1]} for r in routes if isinstance(r, dict) or _is_pair(r)]
        return next((queue for table in tables if (queue := _routed(name, table))), "")
    if not isinstance(routes, dict):
        return ""
    chosen = routes.get(name)
    if chosen is None:
        chosen = next((r for pattern, r in routes.items() if isinstance(pattern, str) and fnmatchcase(name, pattern)), None)
    queue = chosen.get("queue") if isinstance(chosen, dict) else chosen
    return queue if isinstance(queue, str) else ""


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _schedule(schedule: Schedule, jobs: dict[str, str], settings: dict[str, Value]) -> _Changes:
    changes: _Changes = {}
    if not schedule.job and schedule.job_name in jobs:
        changes["job"] = jobs[schedule.job_name]
    timezone = literal_of(settings.get("timezone"))
    if not schedule.timezone and schedule.cron is not None and isinstance(timezone, str):
        changes["timezone"] = timezone
    return changes


def _on_redis(settings: dict[str, Value]) -> bool:
    """True if the broker is surely Redis."""
    broker = settings.get("broker_url")
    text = broker.source if isinstance(broker, Expression) else str(literal_of(broker) or "")
    schemes = {m.lower() for m in re.findall(r"\b(redis|rediss|sentinel|amqps?|pyamqp|sqs)://", text, re.IGNORECASE)}
    return bool(schemes) and schemes <= {"redis", "rediss", "sentinel"}
