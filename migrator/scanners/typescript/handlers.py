"""The function behind a job in TypeScript and JavaScript, and what it reads from the context it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from migrator.jobs import Handler, Parameter
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import View
from migrator.syntax.source import Source, span
from migrator.syntax.tree import FUNCTIONS, field, walk


def function_of(view: View, place: Place | None) -> Place | None:
    """The function that an expression stands for, where the tree defines it; what a factory of processors returns included."""
    if place is None:
        return None
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
        return meaning.place
    return None


def handler_of(view: View, place: Place | None) -> Handler | None:
    """The handler that `place` stands for; None when it is not a function of the tree (a file name, an import from outside)."""
    function = function_of(view, place)
    if function is None:
        return None
    source, node = function.source, function.node
    body = field(node, "body")
    name = field(node, "name") or (field(node.parent, "name") if node.parent is not None else None)
    return Handler(
        source.location(node),
        span(body if body is not None else node),
        source.text(name) if name is not None else "",
        tuple(_parameters(source, node)),
        any(c.type == "async" for c in node.children),
    )


def _parameters(source: Source, function: Node) -> Iterator[Parameter]:
    single = field(function, "parameter")
    if single is not None:
        yield Parameter(source.text(single), span=span(single))
    parameters = field(function, "parameters")
    for node in parameters.named_children if parameters is not None else ():
        if node.type == "comment":
            continue
        pattern = field(node, "pattern") or (field(node, "left") if node.type == "assignment_pattern" else node)
        value, annotation = field(node, "value") or field(node, "right"), field(node, "type")
        kind = "pattern" if pattern is not None and pattern.type.endswith("_pattern") else "plain"
        yield Parameter(
            source.text(pattern if pattern is not None else node),
            "star" if pattern is not None and pattern.type == "rest_pattern" else kind,
            source.text(value) if value is not None else "",
            source.text(annotation).lstrip(": ") if annotation is not None else "",
            span(node),
        )


def property_reads(view: View, place: Place | None, position: int, names: Collection[str]) -> Iterator[tuple[Node, str]]:
    """Where the handler compares a property of its parameter number `position` with a text: (node, text).

    `switch (job.name) { case "a": … }` and `if (job.name === "a")` both give `a`.
    """
    function = function_of(view, place)
    if function is None:
        return
    source, node = function.source, function.node
    parameters = field(node, "parameters")
    given = [c for c in parameters.named_children if c.type != "comment"] if parameters is not None else []
    single = field(node, "parameter")
    pattern = single if single is not None else field(given[position], "pattern") or given[position] if position < len(given) else None
    if pattern is None or pattern.type != "identifier":
        return
    wanted = {f"{source.text(pattern)}.{name}" for name in names}
    for found in walk(node, ("switch_statement", "binary_expression")):
        if found.type == "switch_statement":
            subject = field(found, "value")
            if subject is not None and source.text(subject).strip("()") in wanted:
                for case in walk(found, ("switch_case",)):
                    value = field(case, "value")
                    yield case, view.evaluator.text(Place(source, value, function.frame)) if value is not None else ""
        else:
            left, right = field(found, "left"), field(found, "right")
            if left is not None and right is not None and source.text(left) in wanted:
                yield found, view.evaluator.text(Place(source, right, function.frame))
