"""Decorators of the project that give a function to a job system on the side, and hand it back as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Defined, Frame, Instance, Meaning, Place
from migrator.scanners.python.functions import Function, decorators, function_at
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child


class Registered(msgspec.Struct, frozen=True):
    """A function, the decorator that registers it, and the call of the system's API in that decorator, seen from here."""

    function: Function
    decorator: Node
    call: Place
    by_class: bool = False  #: the decorator is an object, which is called with the function


def registered(view: View, is_registering: Callable[[Meaning], bool]) -> Iterator[Registered]:
    """Every function of a file whose decorator, a function or class of the project, calls what `is_registering` says."""
    for node in view.source.nodes("function_definition"):
        for decorator in decorators(node):
            expression = decorator.named_children[0]
            called = callee_of(expression) if expression.type == "call" else expression
            meaning = view.evaluator.of(view.source, called) if called is not None else None
            if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and expression.type == "call":
                meaning = view.evaluator.member(Instance(meaning, view.place(expression)), "__call__")
            if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
                continue
            for call in walk(meaning.place.node, ("call",)):
                function = callee_of(call)
                if function is None or not is_registering(view.evaluator.of(meaning.place.source, function)):
                    continue
                frame = _frame(view, meaning, expression, call, Defined(view.place(node), view.source.text(child(node, "name") or node)))
                if frame is not None:
                    place, by_class = Place(meaning.place.source, call, frame), isinstance(meaning.owner, Instance)
                    yield Registered(function_at(view.evaluator, view.place(node)), decorator, place, by_class)


def _frame(view: View, decorator: Defined, expression: Node, call: Node, decorated: Defined) -> Frame | None:
    """The frame in which the decorator's call sees what is decorated: it may stand in the decorator, or in a function that that returns."""
    evaluator = view.evaluator
    around = enclosing(call, FUNCTIONS)
    if isinstance(decorator.owner, Instance):
        # An instance is made with what the decorator says, and is called with what it decorates.
        return evaluator.enter(decorator, {0: decorated}) if around == decorator.place.node else None
    if expression.type != "call":
        return evaluator.enter(decorator, {0: decorated}) if around == decorator.place.node else None
    outer = evaluator.enter(decorator, evaluator.arguments(view.place(expression)))
    # Of the functions within the decorator the outermost one is handed what is decorated.
    inner = around
    while inner is not None and (further := enclosing(inner, FUNCTIONS)) is not None and further != decorator.place.node:
        inner = further
    return Frame(inner, {0: decorated}, None, outer) if inner is not None and inner != decorator.place.node else None
