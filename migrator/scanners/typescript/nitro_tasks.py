"""Tasks that Nitro, and Nuxt with it, starts by the clock: `scheduledTasks: { "0 3 * * *": ["db:tidy"] }` in its configuration."""

from __future__ import annotations

import posixpath

from migrator.jobs import Literal, Schedule, Trigger
from migrator.regex import regex
from migrator.scanners.declared import declared
from migrator.scanners.invoked import Invoked
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Reader, View
from migrator.systems.cron import SYSTEM

_CONFIG = regex(r"^(?:nitro|nuxt)\.config\.[mc]?[tj]s$")
#: where the folder of tasks may be, seen from the configuration
_FOLDERS = ("server/tasks", "tasks", "src/server/tasks", "src/tasks")
_SUFFIXES = (".ts", ".mts", ".js", ".mjs", ".cjs")


def _file(view: View) -> None:
    path = view.source.path
    at = declared(view.project, path, "default") if _CONFIG.match(posixpath.basename(path)) else None
    if at is None:
        return
    evaluator, root = view.evaluator, Place(at.source, at.value)
    meaning = evaluator.meaning(root)
    if isinstance(meaning, Instance) and meaning.call is not None:
        # `defineNuxtConfig({ … })` gives back what it is given.
        given = evaluator.arguments(meaning.call).get(0)
        root = given if isinstance(given, Place) else root
    entries = evaluator.entries(root)
    for within in (entries, evaluator.entries(entries["nitro"]) if "nitro" in entries else {}):
        tasks = within.get("scheduledTasks")
        for cron, names in (evaluator.entries(tasks) if tasks is not None else {}).items():
            _scheduled(view, cron, names)


def _scheduled(view: View, cron: str, names: Place) -> None:
    """One cron and the tasks that it starts."""
    pair = names.node.parent if names.node.parent is not None and names.node.parent.type == "pair" else names.node
    where, when = names.source.location(pair), Literal(cron)
    for place in elements(view.evaluator, names).known:
        name = view.evaluator.text(place)
        if cron.startswith("...") or not name:
            view.unresolved(place.node, "a scheduled task of Nitro whose name or cron only shows at run time", SYSTEM.name)
            continue
        common = view.common(SYSTEM.name, where)
        view.add(Schedule(**common, name=name, job_name=name, cron=when, entry=where.span, defined_in="config"))
        view.found.invoked.append(
            Invoked(
                system=SYSTEM.name,
                name=name,
                where=where,
                files=_files(view, name),
                exports=("default",),
                form="Nitro task",
                triggers=(Trigger("cron", when, span=where.span),),
                missing=f"no file was found for the task {name}",
            )
        )


def _files(view: View, name: str) -> tuple[str, ...]:
    """The files that a task may stand in: colons in its name are folders."""
    folder, inner = posixpath.dirname(view.source.path), name.replace(":", "/")
    paths = (posixpath.join(folder, tasks, f"{inner}{end}{suffix}") for tasks in _FOLDERS for end in ("", "/index") for suffix in _SUFFIXES)
    return tuple(path for path in paths if path in view.project.tree)


READER = Reader(system=SYSTEM.name, markers=(b"scheduledTasks",), packages=(), file=_file)
