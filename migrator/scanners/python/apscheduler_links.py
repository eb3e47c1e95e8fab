"""What only the whole project can tell about APScheduler: whether calls on something unknown are its own, and jobs known by an id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.jobs import Client, Dependency, Enqueue, Item, Job, Schedule, Unresolved
from migrator.scanners.found import Found
from migrator.scanners.python.apscheduler_jobs import BY_CLASS, UNTOLD
from migrator.scanners.python.apscheduler_terms import SYSTEM
from migrator.scanners.python.job_bodies import tie_bodies
from migrator.syntax.source import span


def link(found: Found) -> None:
    """Complete APScheduler's items; without any sign of it in the project, drop what was only taken for it."""
    if not any(isinstance(i, Client | Dependency) or _is_sure(i) for i in found.items if i.system == SYSTEM):
        strangers = [i for i in found.items if i.system == SYSTEM]
        found.items[:] = [i for i in found.items if i.system != SYSTEM]
        found.unresolved += [Unresolved(i.location.path, i.location.line, UNTOLD, SYSTEM) for i in strangers]
        return
    _told_by_decorators(found)
    jobs = {i.name: f"{i.module}:{i.symbol}" for i in _of(found, Job) if i.name}
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        changes: dict[str, Any] = {}
        if isinstance(item, Enqueue) and not item.job and item.name in jobs:
            changes = {"job": jobs[item.name]}
        elif isinstance(item, Schedule) and not item.job and item.job_name in jobs:
            changes = {"job": jobs[item.job_name]}
        if changes:
            found.items[index] = msgspec.structs.replace(item, **changes)
    tie_bodies(found, SYSTEM)


def _told_by_decorators(found: Found) -> None:
    """Drop what the class of a decorator gives to a scheduler where the functions that it decorates are listed, and what runs them."""
    inner = [(call.inner.source.path, span(call.inner.node)) for call in found.calls[BY_CLASS]]
    given = [i for i in found.items if i.system == SYSTEM and isinstance(i, Enqueue | Schedule)]
    told = {id(i) for i in given for path, whole in inner if i.location.path == path and whole.start <= i.location.span.start < whole.end}
    runs = {i.job for i in given if id(i) in told} - {i.job for i in given if id(i) not in told}
    dropped = told | {id(j) for j in _of(found, Job) if f"{j.module}:{j.symbol}" in runs}
    found.items[:] = [i for i in found.items if id(i) not in dropped]


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _is_sure(item: Item) -> bool:
    return isinstance(item, Enqueue | Schedule) and item.confidence == "certain"
