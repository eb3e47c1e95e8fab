"""Which tasks a worker knows: those in modules that autodiscovery, an include or an import brings in.

A module that nothing in the tree names or imports is never loaded by a worker, so that its tasks are sent to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.jobs import Client, Expression, Job, Setting, Value, Worker, literal_of
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Place, Project
from migrator.scanners.prefilter import containing
from migrator.scanners.python.celery_terms import SYSTEM, Terms
from migrator.scanners.reading import Call
from migrator.syntax.bindings import NAMESPACE

_KEY = "celery autodiscovery"
_RELATED = "tasks"
#: what loads modules by names that only the run knows
_DISCOVERS = (b"iter_modules", b"walk_packages", b"find_modules", b"import_submodules", b"import_module(", b"__import__(")


def read(call: Call) -> bool:
    """Note `app.autodiscover_tasks(…)`; False for any other call."""
    found = Terms(call.view.evaluator).app_method(call.callee) == "autodiscover_tasks"
    if found:
        call.view.found.calls[_KEY].append(call)
    return found


def link(found: Found) -> None:
    """Say of each task whether a worker knows it, where that can be told."""
    apps = [i for i in found.items if isinstance(i, Client) and i.system == SYSTEM and i.role == "app" and not i.area]
    views = [v for v in found.views if v.source.is_python]
    jobs = [i for i in found.items if isinstance(i, Job) and i.system == SYSTEM and not i.area and not i.wrapper]
    if not apps or not views or not jobs:
        return
    project = views[0].project
    named, known = _named(found, apps)
    related = _related(found)
    paths = {j.module: j.location.path for j in jobs}
    roots = {a.location.path for a in apps}
    # A name in a setting starts at the folder that Python is started in, which need not be the root of the tree.
    loaded = {project.resolve(root, name) for root in roots for name in named if name}
    live = {m for m in paths if m in named or any(m == f"{p}.{r}" or (not p and m.rpartition(".")[2] == r) for p, r in related)}
    live |= {m for m, path in paths.items() if path in roots or path in loaded}
    _spread(project, paths, live, roots)
    orphans = _orphans(project, {m: p for m, p in paths.items() if m not in live}) if known else set()
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == SYSTEM and item.module in paths and not item.area:
            state = True if item.module in live else False if item.module in orphans else None
            found.items[index] = msgspec.structs.replace(item, live=state)


def _named(found: Found, apps: list[Client]) -> tuple[set[str], bool]:
    """(modules that includes, imports and command lines name, whether these are all that are named)."""
    values: list[Value] = [app.options[name] for app in apps for name in ("include", "imports") if name in app.options]
    for item in found.items:
        if isinstance(item, Setting) and item.system == SYSTEM and literal_of(item.options.get("key")) in ("include", "imports"):
            values += [item.value] if item.value is not None else []
        elif isinstance(item, Worker) and item.system == SYSTEM:
            values += [item.options[name] for name in ("app", "include") if name in item.options]
    modules: set[str] = set()
    for value in values:
        text = literal_of(value)
        listed = text if isinstance(text, list) else str(text).split(",") if isinstance(text, str) else []
        modules |= {str(t).strip().partition(":")[0] for t in listed}
    return modules, not any(isinstance(v, Expression) for v in values)


def _related(found: Found) -> set[tuple[str, str]]:
    """(package, module in it) of what autodiscovery loads; an empty package for every application of Django."""
    related: set[tuple[str, str]] = set()
    for call in found.calls[_KEY]:
        evaluator = call.view.evaluator
        given = call.arguments
        name = given.get("related_name", given.get(1))
        module = evaluator.text(name) if name is not None else _RELATED
        first = given.get(0, given.get("packages"))
        packages = evaluator.known_list(first) if isinstance(first, Place) else ()
        related |= {(p, module) for p in packages} or {("", module)}
    return related


def _spread(project: Project, paths: dict[str, str], live: set[str], roots: set[str]) -> None:
    """Add the modules that are imported by an application's own module, or by one that is live."""
    by_path = {path: module for module, path in paths.items()}
    waiting = [*roots, *(paths[m] for m in live)]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for target in _imported(project, path):
            if target in by_path and by_path[target] not in live:
                live.add(by_path[target])
            if target in by_path and target not in seen:
                seen.add(target)
                waiting.append(target)


def _orphans(project: Project, paths: dict[str, str]) -> set[str]:
    """The modules that no other file of the tree imports or names."""
    tree = project.tree
    files = [p for p in tree.sizes if p.endswith((".py", ".pyi")) and not area_of(p)]
    if not paths or any(containing(tree, files, _DISCOVERS)):
        return set()
    orphans = set(paths)
    lasts = {module.rpartition(".")[2].encode() for module in paths}
    for path in containing(tree, files, lasts):
        data = project.data(path)
        imported = set(_imported(project, path))
        for module in list(orphans):
            if paths[module] != path and (paths[module] in imported or module.encode() in data):
                orphans.discard(module)
    others = [p for p in tree.sizes if not p.endswith((".py", ".pyi"))]
    mentioned = list(containing(tree, others, {m.encode() for m in orphans}))
    return {m for m in orphans if not any(m.encode() in tree.read(p) for p in mentioned)}


def _imported(project: Project, path: str) -> Iterator[str]:
    """The files of the tree that a file imports, as far as its text says."""
    for _, module, member in project.imports(path).taken:
        inner = "" if member == NAMESPACE else f"{module}{member}" if module.endswith(".") else f"{module}.{member}"
        for name in (module, inner):
            target = project.resolve(path, name) if name else ""
            if target and target != path:
                yield target
