"""The durable steps of an Upstash workflow: calls of the tools of the context that its function is given."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Literal, Step
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.source import Source
from migrator.syntax.tree import LOOPS, ancestors, callee_of, enclosing, field, walk
from migrator.systems.upstash_workflow import STEPS

_TOGETHER = frozenset(("Promise.all", "Promise.allSettled", "Promise.race", "Promise.any"))


def steps_of(view: View, handler: Place | None) -> tuple[Step, ...]:
    """The steps in a workflow's own function, in order; what it hands its context to is not followed."""
    function = function_of(view, handler)
    return tuple(_steps(view, function)) if function is not None else ()


def _steps(view: View, function: Place) -> Iterator[Step]:
    source, node = function.source, function.node
    context, tools = _context(source, node)
    for call in walk(node, ("call_expression",)):
        callee = callee_of(call)
        owner, name = field(callee, "object"), field(callee, "property")
        if name is not None and owner is not None and source.text(owner) == context:
            kind = source.text(name)
        else:
            kind = source.text(callee) if callee is not None and source.text(callee) in tools else ""
        if kind in STEPS:
            given = view.evaluator.arguments(Place(source, call, function.frame)).get(0)
            identity = view.value(given) if isinstance(given, Place) else Literal(None)
            yield Step(kind, identity, source.location(call, at=name), _repeated(call, node), _together(source, call, node))


def _context(source: Source, function: Node) -> tuple[str, set[str]]:
    """(name of the context, tools that it is taken apart into) of a workflow's function."""
    single, listed = field(function, "parameter"), field(function, "parameters")
    given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    first = single or next(iter(given), None)
    pattern = field(first, "pattern") or first
    if pattern is None:
        return "", set()
    if pattern.type == "object_pattern":
        return "", {source.text(c) for c in pattern.named_children if c.type == "shorthand_property_identifier_pattern"}
    return source.text(pattern), set()


def _repeated(call: Node, function: Node) -> bool:
    return any(a.type in LOOPS or _iterates(a) for a in ancestors(call) if a.start_byte > function.start_byte)


def _iterates(node: Node) -> bool:
    name = field(callee_of(node), "property") if node.type == "call_expression" else None
    return name is not None and name.text in (b"map", b"forEach", b"flatMap")


def _together(source: Source, call: Node, function: Node) -> bool:
    outer = enclosing(call, ("call_expression",))
    while outer is not None and outer.start_byte > function.start_byte:
        callee = callee_of(outer)
        if callee is not None and source.text(callee) in _TOGETHER:
            return True
        outer = enclosing(outer, ("call_expression",))
    return False
