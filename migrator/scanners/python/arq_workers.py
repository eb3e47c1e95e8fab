"""arq's workers: settings classes, `Worker(…)`, `run_worker(…)`, and the lists of functions that they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from migrator.jobs import Literal, Location, Span, Value, Worker, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place, Structure
from migrator.scanners.python import arq_functions, passing
from migrator.scanners.python.arq_terms import SYSTEM
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.functions import name_of, whole_of
from migrator.scanners.python.registries import Registry, fillings, key_of, registries
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, FUNCTIONS, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems.arq import DEFAULT_MAX_JOBS, SETTINGS
from migrator.systems.arq import SYSTEM as FACTS

_LISTS = ("functions", "cron_jobs")
_ADDING = (b"append", b"extend")
_NAME = "WorkerSettings"
#: how a class that a function makes is called
_SETTINGS = (b"Settings", b"settings", b"Worker", b"worker")


def read_call(call: Call, *, settings: bool) -> None:
    """Record the worker of `Worker(functions=…)`, or with `settings` of `run_worker(Settings, functions=…)`."""
    view = call.view
    options = passing.named(call.inner, ("settings_cls",) if settings else _LISTS[:1])
    spread = options.pop("**", None)
    given = options.pop("settings_cls", spread)
    meaning = view.evaluator.meaning(given) if given is not None else None
    if isinstance(meaning, Structure):
        options = {**view.evaluator.entries(meaning.place), **options}
    _lists(view, options)
    if isinstance(meaning, Defined) and meaning.place.source.path == view.source.path:
        # The settings stand for the worker that is made of them.
        return
    name = meaning.name if isinstance(meaning, Defined) else assigned_name(view.source, call.node)
    _add(view, call.location, span(statement_of(call.node)), name or call.view.source.text(call.name), options)


def read_file(view: View) -> None:
    """Record the settings classes of a file, those that a function of the project makes, and what is added to their lists later."""
    for node in view.source.nodes("class_definition"):
        settings = _settings(view, view.place(node))
        if settings is not None:
            _lists(view, settings, within_function=enclosing(node, FUNCTIONS) is not None)
            _add(view, view.source.location(whole_of(node), at=node), span(whole_of(node)), name_of(view.place(node)), settings)
    for node in view.source.nodes("assignment"):
        _made(view, node)
    for node in view.source.nodes("assignment", "augmented_assignment", "call"):
        _added(view, node)


def worker_registries(found: Found) -> set[Registry]:
    """The lists and dictionaries out of which workers have their functions."""
    keys: set[Registry] = set()
    for view in found.views:
        for node in view.source.nodes("class_definition") if view.source.is_python and b"functions" in view.source.data else ():
            settings = _settings(view, view.place(node)) or {}
            for place in (settings[name] for name in _LISTS if name in settings):
                keys |= {key_of(r) for r in registries(view.evaluator, place) if fillings(r)}
    return keys


def _made(view: View, node: Node) -> None:
    """`WorkerSettings = make_settings(functions=[…])`: the class as that call sees it; and `settings = {"functions": […]}`."""
    left, right = child(node, "left"), child(node, "right")
    if left is None or right is None or right.type not in ("call", "dictionary") or not (left.text or b"").endswith(_SETTINGS):
        return
    settings = _of_dictionary(view, right)
    meaning = view.evaluator.of(view.source, right) if settings is None else None
    if isinstance(meaning, Defined) and meaning.place.frame is not None and meaning.place.node.type in CLASSES:
        settings = _settings(view, meaning.place)
    if settings is not None:
        _lists(view, settings)
        _add(view, view.source.location(node), span(node), assigned_name(view.source, right), settings)


def _of_dictionary(view: View, node: Node) -> dict[str, Place] | None:
    """The settings in a dictionary, or in `type("WorkerSettings", (), {…})`; None without functions, and where arq is not imported."""
    place: Place | None = view.place(node)
    if node.type == "call":
        function = child(node, "function")
        given = view.evaluator.arguments(view.place(node)) if function is not None and function.text == b"type" else {}
        third = given.get(2)
        place = third if isinstance(third, Place) else None
    entries = view.evaluator.entries(place) if place is not None else {}
    found = {name: entry for name, entry in entries.items() if name in (*SETTINGS, *_LISTS)}
    return found if any(name in found for name in _LISTS) and _imports_arq(view, view.place(node)) else None


def _settings(view: View, place: Place) -> dict[str, Place] | None:
    """The attributes of a class that arq takes its settings from; None for any other class."""
    body = child(place.node, "body")
    found: dict[str, Place] = {}
    for statement in body.named_children if body is not None else ():
        assignment = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
        left, right = child(assignment, "left"), child(assignment, "right")
        if left is not None and right is not None and place.source.text(left) in (*SETTINGS, *_LISTS):
            found[place.source.text(left)] = Place(place.source, right, place.frame)
    if not any(name in found for name in _LISTS):
        return None
    # SAQ and others have lists of `functions` too.
    known = sum(name in SETTINGS for name in found)
    return found if name_of(place).endswith(_NAME) or ("redis_settings" in found) or known >= 2 or _imports_arq(view, place) else None


def _imports_arq(view: View, place: Place) -> bool:
    bindings = view.project.bindings(place.source.path)
    return any(b.kind == "import" and b.module.split(".")[0] == SYSTEM for b in bindings.every())


def _lists(view: View, settings: Mapping[str, Place], *, within_function: bool = False) -> None:
    for name in _LISTS:
        place = settings.get(name)
        if place is None or (within_function and place.node.type == "identifier"):
            continue
        for registry in registries(view.evaluator, place):
            view.found.wanted += [(registry.place.source.path, node) for node in fillings(registry)]
        # Lists that are filled elsewhere are read where that is done.
        for filled in (place, *_filled(view, place)):
            arq_functions.listed(view, filled)


def _filled(view: View, place: Place) -> Iterator[Place]:
    """What code adds to a list that has a name: `TASKS.append(f)`, `TASKS += [f]`."""
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Structure):
        return
    source, parent = meaning.place.source, meaning.place.node.parent
    left = child(parent, "left") if parent is not None and parent.type == "assignment" else None
    for node in walk(source.root, ("call", "augmented_assignment")) if left is not None and left.type == "identifier" else ():
        target, value = _adds(node)
        # What a function of the project is handed to add is told by its callers.
        if (
            target is not None
            and value is not None
            and left is not None
            and target.text == left.text
            and enclosing(node, FUNCTIONS) is None
        ):
            yield Place(source, value)


def _added(view: View, node: Node) -> None:
    """`WorkerSettings.functions = […]`, `WorkerSettings.functions.append(f)`."""
    if node.type == "assignment":
        target, value = child(node, "left"), child(node, "right")
    else:
        target, value = _adds(node)
    name, owner = child(target, "attribute"), child(target, "object")
    if target is None or value is None or name is None or owner is None or view.source.text(name) not in _LISTS:
        return
    meaning = view.evaluator.of(view.source, owner)
    if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and meaning.name.endswith(_NAME):
        arq_functions.listed(view, view.place(value))


def _adds(node: Node) -> tuple[Node | None, Node | None]:
    """(list, what is added to it) of `xs.append(x)`, `xs.extend(ys)` and `xs += ys`."""
    if node.type == "augmented_assignment":
        return child(node, "left"), child(node, "right")
    method, arguments = child(node, "function", "attribute"), child(node, "arguments")
    if method is None or arguments is None or method.text not in _ADDING or len(arguments.named_children) != 1:
        return None, None
    return child(node, "function", "object"), arguments.named_children[0]


def _add(view: View, location: Location, whole: Span, name: str, settings: Mapping[str, Place]) -> None:
    written: dict[str, Value] = {k: view.value(v) for k, v in settings.items() if k not in _LISTS}
    queue = literal_of(written.get("queue_name"))
    view.add(
        Worker(
            **view.common(SYSTEM, location),
            name=name,
            queues=(queue,) if isinstance(queue, str) else () if "queue_name" in written else (FACTS.default_queue,),
            concurrency=written.get("max_jobs", Literal(DEFAULT_MAX_JOBS)),
            entry=whole,
            options=written,
        )
    )
