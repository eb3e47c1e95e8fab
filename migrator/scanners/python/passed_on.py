"""Methods that are handed on without being called, `on_commit(task.delay)`, and those prepared with `partial(task.delay, 1)`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

import msgspec
from tree_sitter import Node

from migrator.jobs import Argument
from migrator.scanners.python import passing
from migrator.scanners.python.surroundings import is_after_commit
from migrator.scanners.reading import Call, View
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child


class PassedOn(msgspec.Struct, frozen=True):
    """`call` stands for the call that will happen, at the place of the method; `arguments` are those that a `partial` has already."""

    call: Call
    arguments: tuple[Argument, ...]

    @property
    def doubt(self) -> str:
        """Why it may never be called."""
        return doubt_of(self.call)


def passed_on(view: View, methods: Collection[str]) -> Iterator[PassedOn]:
    """Every attribute of a file named in `methods` that is neither called nor given a value."""
    for node, name in _attributes(view.source, frozenset(methods)):
        if _is_called_or_set(node):
            continue
        callee = view.evaluator.of(view.source, node)
        yield _at(view, node, Call(view, node, callee, callee.key, name, view.place(node)))


def prepared_calls(view: View) -> Iterator[PassedOn]:
    """Every `partial(f, …)` of a file as the call of `f` that it prepares, where `f` is a plain name."""
    for node in view.source.nodes("call"):
        function, arguments = child(node, "function"), child(node, "arguments")
        given = arguments.named_children if arguments is not None else []
        if function is None or not given or given[0].type != "identifier" or view.evaluator.of(view.source, function).key != _PARTIAL:
            continue
        callee = view.evaluator.of(view.source, given[0])
        yield PassedOn(Call(view, node, callee, callee.key, given[0], view.place(node)), passing.direct(view, view.place(node)).arguments)


def doubt_of(call: Call) -> str:
    """Why what is handed on may never be called; empty where it is what runs after the commit: so one enqueues in a transaction."""
    given = call.node.parent
    taker = given.parent if given is not None and given.type == "argument_list" else None
    after = taker is not None and is_after_commit(call.view.source, taker)
    return "" if after else "passed on, to be called later"


def _attributes(source: Source, names: frozenset[str]) -> Iterator[tuple[Node, Node]]:
    """(attribute, its name) of every attribute of a file that has one of these names. They are found by their text: most have others."""
    for match in _after_dot(names).finditer(source.data):
        name = source.at(*match.span(1))
        node = name.parent if name is not None else None
        if name is not None and node is not None and node.type == "attribute" and child(node, "attribute") == name:
            yield node, name


@cache
def _after_dot(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\.[\s\\]*(%s)\b" % b"|".join(re.escape(name.encode()) for name in sorted(names)))


_PARTIAL = "functools.partial"


def _at(view: View, node: Node, call: Call) -> PassedOn:
    arguments = node.parent
    outer = arguments.parent if arguments is not None and arguments.type == "argument_list" else None
    function = child(outer, "function")
    if outer is None or function is None or arguments is None or arguments.named_children[0].id != node.id:
        return PassedOn(call, ())
    if view.evaluator.of(view.source, function).key != _PARTIAL:
        return PassedOn(call, ())
    whole = Call(view, outer, call.callee, call.key, call.name, view.place(outer))
    return PassedOn(whole, passing.direct(view, view.place(outer)).arguments)


def _is_called_or_set(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return True
    function, left = child(parent, "function"), child(parent, "left")
    called = parent.type == "call" and function is not None and function.id == node.id
    return called or parent.type == "attribute" or (left is not None and left.id == node.id)
