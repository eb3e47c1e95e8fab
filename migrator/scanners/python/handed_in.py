"""Jobs that a function makes with what it is handed: `def make(app): @app.task def tidy(): …`. Who calls `make` tells whose they are.

The decorator stays open, like a call of a wrapper, until the callers are known; each is then read as if its application stood there.
The definition stays where it is written, with the way from its caller (`via`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Item, Job, Schedule
from migrator.regex import regex
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.found import Found
from migrator.scanners.leading import root_package
from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.python.decorators import stands_for_others
from migrator.scanners.python.functions import decorators, name_of, view_of, whole_of
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems import SYSTEMS

#: decorators that some caller gives something known, whatever system that is of
_KNOWN = "decorator handed in"
#: what applications are called where nothing else tells one
_NAMED = {
    "celery": regex(r"(?i)(^|[._])(app|application|celery)$"),
    "huey": regex(r"(?i)(^|[._])huey$"),
    "procrastinate": regex(r"(?i)(^|[._])(app|procrastinate)$"),
    "taskiq": regex(r"(?i)(^|[._])broker$"),
}
#: packages whose applications have a decorator of such a name, and are none of a job system
_OTHERS = frozenset(("faust", "mode"))
#: packages of job systems: what is of one of them is told, or is no definition
_PACKAGES = frozenset(p.replace("-", "_") for s in SYSTEMS.values() for p in s.pypi)


def leave_open(view: View, methods: Collection[str], system: str) -> None:
    """Keep what depends on a caller open: decorators named in `methods` on a parameter, and names made of what a function is handed.

    What a package outside of the tree gives is kept until everything is read, where it has the name of an application of the system.
    """
    _say_elsewhere(view, methods, system)
    nameless = [
        item
        for item in view.found.items
        if isinstance(item, Job | Schedule) and not item.name and item.location.path == view.source.path and not item.via
    ]
    for node in view.source.nodes("function_definition"):
        if whole_of(node) is node:
            continue
        if enclosing(node, FUNCTIONS) is None:
            _keep_elsewhere(view, node, methods, system)
            continue
        for_others = stands_for_others(view, node)
        for expression, called in _called(node):
            name = child(called, "attribute")
            if name is None or view.source.text(name) not in methods:
                continue
            callee = view.evaluator.of(view.source, called)
            within = span(whole_of(node))
            items: list[Item] = [i for i in nameless if within.start <= i.location.span.start < within.end]
            if for_others and depends_on_parameter(callee):
                # A decorator of the project that is told its application: whoever uses it is of interest.
                view.found.wanted.append((view.source.path, node))
            elif items or depends_on_parameter(callee):
                call = Call(view, expression, callee, callee.key, name, view.place(expression))
                view.found.opened.append((call, items))


def _say_elsewhere(view: View, methods: Collection[str], system: str) -> None:
    """Say of decorators that are functions of a package around the system that they may make jobs: `from acme_celery import task`."""

    for node in view.source.nodes("function_definition"):
        for decorator in decorators(node):
            called = _attribute(decorator.named_children[0])
            meaning = view.evaluator.of(view.source, called) if called.type == "identifier" else None
            inner: Iterator[Meaning | None] = iter((meaning,))
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                # A decorator of the project may give the function on.
                functions = map(callee_of, walk(meaning.place.node, ("call",)))
                inner = (view.evaluator.of(meaning.place.source, function) for function in functions if function is not None)
            package = next((p for each in inner if (p := _around(each, methods, system))), "")
            if package:
                why = f"may make a job: it is of {package}, a package that is not in this tree"
                view.unresolved(decorator.named_children[0], why, system)


def _around(meaning: Meaning | None, methods: Collection[str], system: str) -> str:
    """The package around a system, named after it, that has a function of such a name; empty for anything else."""
    path = meaning.path if isinstance(meaning, External) else ()
    return path[0] if len(path) > 1 and system in path[0] and path[0] not in _PACKAGES and path[-1] in methods else ""


def _keep_elsewhere(view: View, function: Node, methods: Collection[str], system: str) -> None:
    """Keep decorators of what a package outside of the tree gives."""
    for expression, called in _called(function):
        name, receiver = child(called, "attribute"), child(called, "object")
        if name is None or receiver is None or view.source.text(name) not in methods:
            continue
        callee = view.evaluator.of(view.source, called)
        root = package_of(view.evaluator, callee)
        if root not in ("", "builtins", *_OTHERS) and root not in _PACKAGES and _NAMED[system].search(view.source.text(receiver)):
            view.found.calls[_key(system)].append(Call(view, expression, callee, callee.key, name, view.place(expression)))


def read_decorated(call: Call, read: Callable[[View, Place], None]) -> bool:
    """Read a function that stays open as one of its callers makes it; False for a call that is no decorator seen from a caller."""
    function = _function(call.inner)
    if function is None or not call.via:
        return False
    view = view_of(call.view, function)
    before = len(view.found.items)
    read(view, function)
    told = view.found.items[before:]
    view.found.items[before:] = [msgspec.structs.replace(item, via=call.via) for item in told]
    if told or _is_known(call):
        view.found.calls[_KNOWN].append(call)
    return True


def untold(call: Call, system: str) -> bool:
    """Keep a decorator of which no caller tells until everything is read; False for any other call."""
    if _function(call.inner) is None:
        return False
    call.view.found.calls[_key(system)].append(call)
    return True


def left(found: Found, system: str) -> Iterator[tuple[Call, Place]]:
    """(decorator, function) of what no caller tells, in a tree that has the system: what is decorated may be a job of it."""
    if not any(item.system == system and item.kind in ("definition", "client", "dependency", "enqueue") for item in found.items):
        return
    known = {_at(call) for call in found.calls[_KNOWN]}
    told = {(item.location.path, item.location.line) for item in found.items if item.kind == "definition"}
    for call in found.calls[_key(system)]:
        function = _function(call.inner)
        if function is not None and _at(call) not in known and (call.view.source.path, call.location.line) not in told:
            found.calls[_KNOWN].append(call)
            yield call, function


def report(found: Found, system: str) -> None:
    """Say of everything that is left where it stands, and why it is not told."""
    for call, _ in left(found, system):
        call.view.unresolved(call.node, why(call), system)


def why(call: Call) -> str:
    """Why a decorator could not be told."""
    root = package_of(call.view.evaluator, call.callee)
    if root:
        return f"may make a job: {call.inner.source.text(_attribute(call.inner.node))} is of {root}, a package that is not in this tree"
    around = enclosing(call.inner.node, FUNCTIONS)
    name = name_of(Place(call.inner.source, around)) if around is not None else ""
    receiver = child(_attribute(call.inner.node), "object")
    return f"may make a job: what {name} is handed as {call.inner.source.text(receiver or call.name)} could not be told"


def package_of(evaluator: Evaluator, callee: Meaning) -> str:
    """The package that what is called comes from, also through a class of the tree that derives from one of that package."""
    made = callee.of if isinstance(callee, Member) else None
    kind = made.of if isinstance(made, Instance) else None
    seen: set[int] = set()
    while isinstance(kind, Defined) and kind.place.node.type in CLASSES and kind.place.node.id not in seen:
        seen.add(kind.place.node.id)
        above = [evaluator.of(kind.place.source, base) for base in base_classes(kind.place.source, kind.place.node)]
        outside = next((base.path[0] for base in above if isinstance(base, External) and base.path[0] != "builtins"), "")
        if outside:
            return outside
        kind = next((base for base in above if isinstance(base, Defined)), None)
    return root_package(callee)


def receiver_text(call: Call) -> str:
    """What the decorator is a method of, as written."""
    receiver = child(_attribute(call.inner.node), "object")
    return call.inner.source.text(receiver) if receiver is not None else ""


def _called(function: Node) -> Iterator[tuple[Node, Node]]:
    """(expression, what it calls if it is a call, else itself) of each decorator that is an attribute of something."""
    for decorator in decorators(function):
        expression = decorator.named_children[0]
        called = _attribute(expression)
        if called.type == "attribute":
            yield expression, called


def _attribute(expression: Node) -> Node:
    return (callee_of(expression) or expression) if expression.type == "call" else expression


def _function(decorator: Place) -> Place | None:
    """The function that the decorator at a place decorates."""
    parent = decorator.node.parent
    whole = parent.parent if parent is not None and parent.type == "decorator" else None
    function = child(whole, "definition")
    return Place(decorator.source, function, decorator.frame) if function is not None and function.type in FUNCTIONS else None


def _is_known(call: Call) -> bool:
    meaning = call.view.evaluator.of(call.inner.source, _attribute(call.inner.node), call.inner.frame)
    return isinstance(meaning, Defined) or root_package(meaning) not in ("", "builtins")


def _at(call: Call) -> tuple[str, int]:
    return (call.inner.source.path, call.inner.node.start_byte)


def _key(system: str) -> str:
    return f"{system} handed in"
