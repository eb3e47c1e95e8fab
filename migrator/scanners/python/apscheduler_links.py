"""What only the whole project can tell about APScheduler: whether calls on something unknown are its own, and jobs known by an id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.jobs import Client, Dependency, Enqueue, Item, Job, Schedule, Unresolved
from migrator.scanners.found import Found
from migrator.scanners.python.apscheduler_jobs import UNTOLD
from migrator.scanners.python.apscheduler_terms import SYSTEM
from migrator.scanners.python.job_bodies import tie_bodies


def link(found: Found) -> None:
    """Complete APScheduler's items; without any sign of it in the project, drop what was only taken for it."""
    if not any(isinstance(i, Client | Dependency) or _is_sure(i) for i in found.items if i.system == SYSTEM):
        strangers = [i for i in found.items if i.system == SYSTEM]
        found.items[:] = [i for i in found.items if i.system != SYSTEM]
        found.unresolved += [Unresolved(i.location.path, i.location.line, UNTOLD, SYSTEM) for i in strangers]
        return
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


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _is_sure(item: Item) -> bool:
    return isinstance(item, Enqueue | Schedule) and item.confidence == "certain"
