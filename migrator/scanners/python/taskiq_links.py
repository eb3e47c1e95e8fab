"""What only the whole project can tell about Taskiq: names tied to jobs, and whether a middleware hears a task's retry labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.jobs import Backoff, Client, Dependency, Enqueue, Item, Job, Literal, Retry, Schedule, Unresolved, Value, Worker, literal_of
from migrator.scanners.found import Found
from migrator.scanners.python import passing
from migrator.scanners.python.job_bodies import tie_bodies
from migrator.scanners.python.taskiq_enqueues import UNTOLD
from migrator.scanners.python.taskiq_terms import SYSTEM
from migrator.scanners.reading import Call
from migrator.systems.taskiq import SYSTEM as FACTS


def link(found: Found) -> None:
    """Complete Taskiq's items."""
    jobs = {i.name: f"{i.module}:{i.symbol}" for i in _of(found, Job) if i.name}
    middleware = next((c for c in found.calls[SYSTEM] if not c.view.area), None)
    is_used = any(isinstance(i, Client | Dependency | Job | Worker) for i in found.items if i.system == SYSTEM)
    strangers: list[Item] = []
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        changes: dict[str, Any] = {}
        if isinstance(item, Enqueue) and item.reason == UNTOLD and not item.name and not is_used:
            strangers.append(item)
        if isinstance(item, Enqueue) and not item.job:
            changes = {"job": jobs[item.name]} if item.name in jobs else {}
        elif isinstance(item, Schedule) and not item.job and item.job_name in jobs:
            changes = {"job": jobs[item.job_name]}
        elif isinstance(item, Job) and item.retry is not None:
            changes = {"retry": _retry(item.retry, middleware)}
        if changes:
            found.items[index] = msgspec.structs.replace(item, **changes)
    tie_bodies(found, SYSTEM)
    found.items[:] = [i for i in found.items if i not in strangers]
    found.unresolved += [Unresolved(i.location.path, i.location.line, UNTOLD, SYSTEM) for i in strangers]


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _retry(asked: Retry, middleware: Call | None) -> Retry:
    """How often a task runs: once without a middleware, or where neither the task nor the middleware asks for more."""
    if middleware is None:
        return Retry(max_attempts=Literal(1), backoff=Backoff("none"), automatic=False, explicit=False)
    options = passing.named(middleware.inner, ("default_retry_count", "default_retry_label"))
    given = {k: middleware.view.value(v) for k, v in options.items()}
    automatic = asked.automatic if asked.explicit else literal_of(given.get("default_retry_label")) is True
    default = FACTS.retry.default if FACTS.retry is not None else None
    attempts: Value = asked.max_attempts if asked.max_attempts != Literal(None) else given.get("default_retry_count", Literal(default))
    delayed = "Smart" in middleware.key
    backoff = asked.backoff if asked.backoff.delay is not None else Backoff("fixed", given.get("default_delay", Literal(5)))
    return Retry(
        max_attempts=attempts if automatic else Literal(1),
        backoff=backoff if delayed and automatic else Backoff("none"),
        automatic=automatic,
        on=asked.on,
        explicit=asked.explicit,
    )
