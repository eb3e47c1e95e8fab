"""Schedules of `graphile-scheduler`, which stands beside Graphile Worker: `run({ schedules: [{ name, pattern, task }] })`."""

from __future__ import annotations

from migrator.jobs import Job, Schedule, Trigger, Worker, literal_of
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.systems.graphile_worker import SYSTEM

_PACKAGE = "graphile-scheduler"
_RUNS = frozenset(f"{_PACKAGE}.{name}" for name in ("run", "runOnce", "default.run", "default.runOnce"))


def read(call: Call) -> None:
    """Record each schedule that a scheduler is started with; a list that only the run knows is said.

    Where none is named, the time zone is that of the database (version 0.8.0).
    """
    if call.key not in _RUNS:
        return
    view = call.view
    given = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    concurrency, listed = given.get("concurrency"), given.get("schedules")
    # It starts workers of its own for what it schedules.
    view.add(
        Worker(
            **call.common(SYSTEM.name),
            name=call.key.rpartition(".")[2],
            concurrency=view.value(concurrency) if concurrency is not None else None,
        )
    )
    found = list(objects(view, listed)) if listed is not None else []
    if listed is not None and not found:
        view.unresolved(call.node, "schedules that are only known at run time", SYSTEM.name)
    for item in found:
        entries = view.evaluator.entries(item)
        name, when, zone = view.evaluator.text(entries.get("name")), entries.get("pattern"), entries.get("timeZone")
        told = literal_of(view.value(zone)) if zone is not None else None
        cron = view.value(when) if when is not None else None
        common = view.common(SYSTEM.name, item.source.location(item.node))
        timezone = told if isinstance(told, str) else ""
        task = view.evaluator.text(entries.get("taskIdentifier")) or name
        view.add(Schedule(**common, name=name, job_name=task, cron=cron, timezone=timezone, entry=span(item.node)))
        # Without a function, it is a task of the worker's that is run.
        if "task" in entries:
            view.add(
                Job(
                    **common,
                    name=name,
                    symbol=name,
                    module=view.project.module_of(item.source.path),
                    definition=span(item.node),
                    form=_PACKAGE,
                    handler=handler_of(view, entries["task"]),
                    triggers=(Trigger("cron", cron, timezone=timezone),) if cron is not None else (),
                    live=True,
                )
            )


READER = Reader(system=SYSTEM.name, markers=(_PACKAGE.encode(),), packages=(_PACKAGE,), call=read)
