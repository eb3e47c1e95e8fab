"""What only the whole project can tell about arq: names tied to jobs, what workers set for all of them, calls of other libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.jobs import Client, Dependency, Enqueue, Item, Job, Literal, Schedule, Unresolved, Worker
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Place
from migrator.scanners.python import arq_elsewhere
from migrator.scanners.python.arq_enqueues import DOUBT
from migrator.scanners.python.arq_functions import NOT_LISTED, defined
from migrator.scanners.python.arq_terms import SYSTEM
from migrator.scanners.python.arq_workers import worker_registries
from migrator.scanners.python.functions import function_at, view_of
from migrator.scanners.python.job_bodies import tie_bodies
from migrator.scanners.python.registries import filled
from migrator.scanners.python.targets import Target
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, FUNCTIONS, enclosing, field
from migrator.systems.arq import SYSTEM as FACTS

_BY_NAME = "it is enqueued by its name; which functions the worker has is only known at run time"
#: what arq's context is called
_CONTEXT = regex(r"_*(ctx|context)\b")


def link(found: Found) -> None:
    """Complete arq's items; without any sign of arq in the project, drop calls of methods that only bear the same name."""
    if not any(isinstance(i, Client | Dependency | Job | Worker | Schedule) for i in found.items if i.system == SYSTEM):
        _drop_strangers(found)
        return
    _add_registered(found)
    _add_named(found)
    arq_elsewhere.link(found)
    jobs = {i.name: f"{i.module}:{i.symbol}" for i in _of(found, Job) if i.name}
    settings = [i for i in _of(found, Worker) if not i.area and not i.command]
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        changes: dict[str, Any] = {}
        if isinstance(item, Enqueue) and not item.job and item.name in jobs:
            changes["job"] = jobs[item.name]
        elif isinstance(item, Job):
            changes = _job(item, settings)
        if changes:
            found.items[index] = msgspec.structs.replace(item, **changes)
    tie_bodies(found, SYSTEM)


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _add_registered(found: Found) -> None:
    """Functions that a decorator of the project puts into what a worker has its functions from."""
    known = {(i.location.path, i.handler.location.span) for i in _of(found, Job) if i.handler is not None}
    for each in filled(found, worker_registries(found)):
        place = each.function.place
        if (place.source.path, place.source.location(place.node).span) not in known:
            job = defined(each.view, Target(each.function.dotted, each.function), "", {}, each.decorator)
            found.items += [job] if job is not None else []


def _add_named(found: Found) -> None:
    """Functions that are enqueued by their names, where what the worker has is put together at run time: `functions = detect_jobs()`."""
    if not any(u.system == SYSTEM and u.reason == NOT_LISTED for u in found.unresolved):
        return
    names = {i.name for i in _of(found, Enqueue) if i.name and not i.area} - {i.name for i in _of(found, Job)}
    view = next(view for view in found.views if view.source.is_python)
    for name in sorted(names):
        places = list(_functions(view, name))
        if len(places) == 1:
            function = function_at(view.evaluator, places[0])
            job = defined(view_of(view, places[0]), Target(function.dotted, function), name, {})
            found.items += [msgspec.structs.replace(job, confidence="likely", reason=_BY_NAME)] if job is not None else []


def _functions(view: View, name: str) -> Iterator[Place]:
    """The asynchronous functions of a name that are handed arq's context first, as they stand at the top of production code."""
    project, needle = view.project, f"async def {name}(".encode()
    for path in project.tree.sizes:
        if path.endswith(".py") and not area_of(path) and needle in project.data(path):
            source = project.source(path)
            for node in source.nodes("function_definition"):
                own, listed = field(node, "name"), field(node, "parameters")
                first = source.text(listed.named_children[0]) if listed is not None and listed.named_children else ""
                if (
                    own is not None
                    and source.text(own) == name
                    and _CONTEXT.match(first)
                    and enclosing(node, (*FUNCTIONS, *CLASSES)) is None
                ):
                    yield Place(source, node)


def _drop_strangers(found: Found) -> None:
    strangers = [i for i in _of(found, Enqueue) if i.reason == DOUBT or i.confidence != "certain"]
    found.items[:] = [i for i in found.items if i not in strangers]
    for item in strangers:
        found.unresolved.append(Unresolved(item.location.path, item.location.line, DOUBT, SYSTEM))


def _job(job: Job, workers: list[Worker]) -> dict[str, Any]:
    """What the project's workers say where the job itself says nothing; of two that disagree neither counts."""
    timeouts = {msgspec.json.encode(w.options.get("job_timeout", Literal(FACTS.default_timeout))): w for w in workers}
    queues = {q for w in workers for q in w.queues}
    changes: dict[str, Any] = {}
    if job.timeout is None and len(timeouts) == 1:
        changes["timeout"] = next(iter(timeouts.values())).options.get("job_timeout", Literal(FACTS.default_timeout))
    if job.queue is None and len(queues) <= 1 and all(w.queues for w in workers):
        changes["queue"] = Literal(next(iter(queues), FACTS.default_queue))
    return changes
