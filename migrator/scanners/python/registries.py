"""Lists and dictionaries of the project that its own decorators fill: `@task` that ends in `TASKS.append(function)`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Instance, Member, Place, Structure
from migrator.scanners.python.functions import Function, decorators, function_at
from migrator.scanners.reading import View
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child

#: (path, first byte) of the display that a registry begins as
Registry = tuple[str, int]

_ADDING = (b"append", b"add", b"setdefault")
_COPIES = frozenset(("builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted"))
_DEPTH = 5


class Filled(msgspec.Struct, frozen=True):
    """A function that its decorator puts into a registry; `view` is of the file in which it stands."""

    view: View
    function: Function
    decorator: Node


def registries(evaluator: Evaluator, place: Place, depth: int = _DEPTH) -> Iterator[Structure]:
    """The lists and dictionaries behind an expression: `TASKS`, `list(TASKS.values())`, `[*TASKS]`."""
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Structure):
        yield meaning
        spread = [entry for key, entry in meaning.entries.items() if key.startswith("...")]
        for entry in spread if depth else ():
            yield from registries(evaluator, entry, depth - 1)
    elif isinstance(meaning, Instance) and isinstance(meaning.of, Member) and isinstance(meaning.of.of, Structure):
        yield meaning.of.of
    elif isinstance(meaning, Instance) and meaning.of.key in _COPIES and meaning.call is not None and depth:
        first = evaluator.arguments(meaning.call).get(0)
        if isinstance(first, Place):
            yield from registries(evaluator, first, depth - 1)


def key_of(registry: Structure) -> Registry:
    """What tells a registry from others."""
    return registry.place.source.path, registry.place.node.start_byte


def fillings(registry: Structure) -> list[Node]:
    """Where functions of the registry's file put what they are given into it."""
    source, parent = registry.place.source, registry.place.node.parent
    left = child(parent, "left")
    if parent is None or parent.type != "assignment" or left is None or left.type != "identifier":
        return []
    return [n for n, target, _ in _additions(source.root) if target.text == left.text and enclosing(n, FUNCTIONS) is not None]


def filled(found: Found, wanted: set[Registry]) -> Iterator[Filled]:
    """Every function that a decorator puts into one of these registries."""
    for view in found.views if wanted else ():
        for node in view.source.nodes("function_definition") if view.source.is_python else ():
            decorator = next((d for d in decorators(node) if _fills(view, d, wanted)), None)
            if decorator is not None:
                yield Filled(view, function_at(view.evaluator, view.place(node)), decorator)


def _fills(view: View, decorator: Node, wanted: set[Registry]) -> bool:
    expression = decorator.named_children[0]
    called = callee_of(expression) if expression.type == "call" else expression
    meaning = view.evaluator.of(view.source, called) if called is not None else None
    if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
        return False
    source: Source = meaning.place.source
    for _, target, value in _additions(meaning.place.node):
        registry = view.evaluator.of(source, target)
        if value.type == "identifier" and isinstance(registry, Structure) and key_of(registry) in wanted:
            return True
    return False


def _additions(node: Node) -> Iterator[tuple[Node, Node, Node]]:
    """(node, registry, what is put in) of `xs.append(x)` and `xs[key] = x`."""
    for each in walk(node, ("call", "assignment")):
        if each.type == "assignment":
            target, value = child(each, "left", "value"), child(each, "right")
        else:
            method, arguments = child(each, "function", "attribute"), child(each, "arguments")
            adds = method is not None and method.text in _ADDING and arguments is not None and arguments.named_children
            target = child(each, "function", "object") if adds else None
            value = arguments.named_children[-1] if adds and arguments is not None else None
        if target is not None and value is not None:
            yield each, target, value
