"""What only the whole project can tell about Procrastinate: the names that blueprints give, and names tied to jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.jobs import Client, Dependency, Enqueue, Item, Job, Literal, Schedule, Setting, Trigger, Unresolved, Worker
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import passing
from migrator.scanners.python.functions import decorators
from migrator.scanners.python.job_bodies import tie_bodies
from migrator.scanners.python.procrastinate_enqueues import HANDED_IN, UNTOLD
from migrator.scanners.python.procrastinate_terms import BLUEPRINTS, SYSTEM, Terms


def link(found: Found) -> None:
    """Complete Procrastinate's items; without any other sign of it, drop calls of methods that only bear the same name."""
    found.items[:] = [i for i in found.items if i.system != SYSTEM or i.reason != HANDED_IN or i.name or i.wrapper]
    _name_by_blueprint(found)
    jobs = {i.name: f"{i.module}:{i.symbol}" for i in _of(found, Job) if i.name}
    is_used = any(isinstance(i, Client | Dependency | Job | Worker | Setting) for i in found.items if i.system == SYSTEM)
    strangers: list[Item] = []
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        changes: dict[str, Any] = {}
        if isinstance(item, Enqueue) and item.reason == UNTOLD and not is_used:
            strangers.append(item)
        if isinstance(item, Enqueue) and not item.job and item.name in jobs:
            changes = {"job": jobs[item.name]}
        elif isinstance(item, Schedule) and not item.job and item.job_name in jobs:
            changes = {"job": jobs[item.job_name]}
        if changes:
            found.items[index] = msgspec.structs.replace(item, **changes)
    tie_bodies(found, SYSTEM)
    found.items[:] = [i for i in found.items if i not in strangers]
    found.unresolved += [Unresolved(i.location.path, i.location.line, UNTOLD, SYSTEM) for i in strangers]


def _of(found: Found, kind: type[Item]) -> Iterator[Any]:
    return (i for i in found.items if isinstance(i, kind) and i.system == SYSTEM)


def _name_by_blueprint(found: Found) -> None:
    """A task of a blueprint is called `namespace:name` once an app takes it in."""
    spaces = dict(_namespaces(found))
    if not spaces:
        return
    renamed: dict[str, tuple[str, str]] = {}
    for view in found.views:
        terms = Terms(view.evaluator)
        for node in view.source.nodes("function_definition") if view.source.is_python else ():
            task = terms.task(view.evaluator.definition(view.source, node)) if decorators(node) else None
            owner = task.definer.owner if task is not None and task.definer is not None else None
            if task is not None and isinstance(owner, Instance) and owner.symbol in spaces:
                renamed[task.job] = (task.name, f"{spaces[owner.symbol]}:{task.name}")
    for index, item in enumerate(found.items):
        if item.system != SYSTEM or not isinstance(item, Job | Enqueue | Schedule):
            continue
        old, new = renamed.get(f"{item.module}:{item.symbol}" if isinstance(item, Job) else item.job, ("", ""))
        if not new:
            continue
        if isinstance(item, Job):
            found.items[index] = msgspec.structs.replace(item, name=new, triggers=(Trigger("direct", Literal(new)),))
        elif isinstance(item, Schedule):
            found.items[index] = msgspec.structs.replace(item, name=item.name.replace(old, new, 1), job_name=new)
        else:
            found.items[index] = msgspec.structs.replace(item, name=new)


def _namespaces(found: Found) -> Iterator[tuple[str, str]]:
    """(`path:name` of a blueprint, the namespace under which an app takes it in)."""
    for call in found.calls[SYSTEM]:
        options = passing.named(call.inner, ("blueprint",))
        place = options.get("blueprint")
        space = call.view.evaluator.text(options.get("namespace"))
        meaning = call.view.evaluator.meaning(place) if isinstance(place, Place) else None
        if isinstance(meaning, Instance) and meaning.of.key in BLUEPRINTS and space and meaning.symbol:
            yield meaning.symbol, space
