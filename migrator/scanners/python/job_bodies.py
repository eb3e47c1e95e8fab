"""Enqueues that stand in the body of a job, where only the whole project shows that the function is one."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from migrator.jobs import Enqueue, Job, Span
from migrator.scanners.found import Found


def tie_bodies(found: Found, system: str) -> None:
    """Say of each enqueue of `system` within the body of one of its jobs that it is, as `module:symbol`."""
    bodies: defaultdict[str, list[tuple[Span, str]]] = defaultdict(list)
    for item in found.items:
        if isinstance(item, Job) and item.system == system and item.handler is not None:
            bodies[item.handler.location.path].append((item.handler.body, f"{item.module}:{item.symbol}"))
    for index, item in enumerate(found.items):
        if isinstance(item, Enqueue) and item.system == system and item.call is not None and not _is_job(item.inside):
            call = item.call
            around = [(body, job) for body, job in bodies.get(item.location.path, ()) if body.start <= call.start and call.end <= body.end]
            if around:
                innermost = max(around, key=lambda pair: pair[0].start)
                found.items[index] = msgspec.structs.replace(item, inside=innermost[1])


def _is_job(inside: str) -> bool:
    return ":" in inside
