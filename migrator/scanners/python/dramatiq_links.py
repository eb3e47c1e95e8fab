"""What only the whole project can tell about Dramatiq: names of actors tied to the functions that bear them, and what their broker says."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from migrator.jobs import Enqueue, Job
from migrator.scanners.found import Found
from migrator.scanners.python import dramatiq_defaults
from migrator.scanners.python.dramatiq_terms import SYSTEM


def link(found: Found) -> None:
    """Tie enqueues by name to their jobs, where one actor alone has that name, and complete what actors leave open."""
    dramatiq_defaults.settle(found)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for item in found.items:
        if isinstance(item, Job) and item.system == SYSTEM and item.name and not item.area:
            named[item.name].add(f"{item.module}:{item.symbol}")
    for index, item in enumerate(found.items):
        if isinstance(item, Enqueue) and item.system == SYSTEM and not item.job and len(jobs := named.get(item.name, set())) == 1:
            found.items[index] = msgspec.structs.replace(item, job=next(iter(jobs)))
