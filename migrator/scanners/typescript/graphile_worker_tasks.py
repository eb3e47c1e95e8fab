"""Where Graphile Worker finds its tasks: in a list of functions by name, or in a folder in which every file is a task."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.jobs import Handler, Job, Literal, Location, Span, Trigger, Worker
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import External, Instance, Place, Structure
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import handler_in, handler_of
from migrator.syntax.source import SUFFIXES, span
from migrator.syntax.tree import FUNCTIONS, enclosing, field
from migrator.systems.graphile_worker import SYSTEM

NAME = SYSTEM.name
#: where tasks are looked for unless told otherwise, and what a build puts in place of the sources
DEFAULT_FOLDER = "tasks"
_OUTPUTS = frozenset(("dist", "build", "lib", "out"))
_CONFIGURED = regex(r"taskDirectory\s*:\s*(?P<folder>[^\n]+)")
_PART = regex(r"[\"'`/](?P<part>[\w.-][\w./-]*)[\"'`]")
_NO_TASK = regex(r"\.d\.ts$|\.(test|spec)\.|(^|/)(__tests__|_)")


def listed(call: Call, tasks: Place) -> None:
    """The entries of a task list, wherever it stands. Of one that a function is handed, its callers tell."""
    view = call.view
    if not isinstance(view.evaluator.meaning(tasks), Structure):
        if enclosing(call.inner.node, FUNCTIONS) is None:
            view.unresolved(call.node, "tasks that are only known at run time", NAME)
            return
        view.add(_job("", view.source.path, view.source.location(call.node), span(call.node), "task list", None, view.source.language))
    for name, place in call.view.evaluator.entries(tasks).items():
        if name.startswith(("...", "[")):
            call.view.unresolved(call.node, "tasks that are only known at run time", NAME)
        else:
            call.view.add(_entry(call.view, name, place))


def typed_lists(view: View) -> None:
    """`const tasks: TaskList = { … }`, which another file may hand to the worker."""
    for node in view.source.nodes("variable_declarator"):
        annotation, value = field(node, "type"), field(node, "value")
        meaning = view.evaluator.of(view.source, annotation) if annotation is not None else None
        if isinstance(meaning, External) and meaning.key == f"{NAME}.TaskList" and value is not None:
            for name, place in view.evaluator.entries(view.place(value)).items():
                if not name.startswith(("...", "[")):
                    view.add(_entry(view, name, place))


def _entry(view: View, name: str, place: Place) -> Job:
    source = place.source
    pair = place.node.parent
    whole = pair if pair is not None and pair.type == "pair" else place.node
    return _job(name, source.path, source.location(whole), span(whole), "task list", handler_of(view, place), source.language)


def _job(name: str, path: str, location: Location, definition: Span, form: str, handler: Handler | None, language: str) -> Job:
    return Job(
        system=NAME,
        language=language,
        name=name,
        location=location,
        area=area_of(path),
        symbol=name,
        module=path,
        definition=definition,
        form=form,
        handler=handler,
        triggers=(Trigger("direct", Literal(name)),),
        live=True,
    )


def folders(found: Found) -> None:
    """Every file of the folders of tasks that code, configuration or the worker's command line mean."""
    views = {v.source.path: v for v in found.views}
    wanted: dict[str, tuple[View, str]] = {}
    for call in found.calls["graphile folder"]:
        entries = call.view.evaluator.entries(call.arguments[0])
        place = call.view.evaluator.origin(entries["taskDirectory"])
        text = call.view.evaluator.text(place) or _written(place.text)
        if text:
            wanted[f"{call.view.source.path}:{text}"] = (call.view, text)
    for path, view in views.items():
        if posixpath.basename(path).startswith("graphile.config."):
            for match in _CONFIGURED.finditer(view.source.data.decode("utf-8", "replace")):
                wanted[f"{path}:{match['folder']}"] = (view, _written(match["folder"]))
    workers = [i for i in found.items if isinstance(i, Worker) and i.system == NAME and i.command]
    if not wanted and views:
        # The worker's own program looks below the folder in which it is started.
        near = (next((v for path, v in views.items() if path.startswith(f"{posixpath.dirname(w.location.path)}/")), None) for w in workers)
        found_near = next((v for v in near if v is not None), next(iter(views.values())) if workers else None)
        if found_near is not None:
            wanted[DEFAULT_FOLDER] = (found_near, DEFAULT_FOLDER)
    seen: set[str] = set()
    for key, (view, text) in wanted.items():
        files = _files(view, text)
        if not files and key != DEFAULT_FOLDER:
            where = next((c.node for c in found.calls["graphile folder"] if c.view is view), view.source.root)
            view.unresolved(where, f"the folder of its tasks, {text}, is not where the worker is told to look", NAME)
        for path in files:
            if path not in seen:
                seen.add(path)
                found.items.extend(_task(view, path, path[len(_folder(view, text)) + 1 :]))


def _written(text: str) -> str:
    """`dist/tasks` of `join(__dirname, "dist", "tasks")`."""
    return "/".join(match["part"] for match in _PART.finditer(text))


def _folder(view: View, text: str) -> str:
    """The folder of the tree that a path means: beside the file, or below one of the folders around it."""
    parts = [part for part in text.split("/") if part not in ("", ".", "..")]
    inner = [part for part in parts if part not in _OUTPUTS]
    known = {posixpath.dirname(path) for path in view.project.tree.sizes if path.endswith(tuple(SUFFIXES))}
    every = known | {above for folder in known for above in _above(folder)}
    for base in _above(f"{posixpath.dirname(view.source.path)}/x"):
        for tail in (parts, inner, ["src", *inner]):
            folder = posixpath.normpath(posixpath.join(base, *tail))
            if tail and folder in every:
                return folder
    # A build puts the worker of a package beside what another one has for it: then the only folder of that name is meant.
    named = [folder for folder in every if inner and f"/{folder}".endswith("/" + "/".join(inner)) and not area_of(f"{folder}/x.ts")]
    return named[0] if len(named) == 1 else ""


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _files(view: View, text: str) -> list[str]:
    folder = _folder(view, text)
    if not folder:
        return []
    return [p for p in view.project.tree.sizes if p.startswith(f"{folder}/") and p.endswith(tuple(SUFFIXES)) and not _NO_TASK.search(p)]


def _task(view: View, path: str, relative: str) -> Iterator[Job]:
    """The task that a file is, if it has a default export."""
    default = view.project.bindings(path).exports().get("default")
    if default is None:
        return
    source = view.project.source(path)
    node = default.value if default.value is not None else source.root
    meaning = view.evaluator.export(path, "default")
    handler = handler_in(view, path)
    if handler is not None and handler.location.path == path:
        location = handler.location
    elif isinstance(meaning, Instance) and meaning.call is not None and meaning.call.source is source:
        location = source.location(meaning.call.node)
    else:
        location = source.location(node)
    name = posixpath.splitext(relative)[0]
    yield _job(name, path, location, span(node), "task file", handler, source.language)
