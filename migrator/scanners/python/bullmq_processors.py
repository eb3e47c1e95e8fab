"""Which jobs a processor of BullMQ tells apart by `job.name`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Use
from migrator.scanners.linking import Place
from migrator.scanners.python.functions import Function, is_method
from migrator.scanners.python.parameters import parameters
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk


def job_names(view: View, function: Function) -> tuple[Use, ...]:
    """`if job.name == "a":`, `match job.name: case "a":` and `handlers[job.name]` of `{"a": …}` each give `a`."""
    source, node = function.place.source, function.place.node
    given = parameters(function.place)
    position = 1 if is_method(node) and given and given[0].name == "self" else 0
    if len(given) <= position:
        return ()
    wanted = f"{given[position].name}.name"
    found = [(n, text) for n, text in _told_apart(view, function.place, wanted) if text]
    return tuple(Use("job.name", source.location(n), text) for n, text in found)


def _told_apart(view: View, function: Place, wanted: str) -> Iterator[tuple[Node, str]]:
    source, evaluator = function.source, view.evaluator
    for node in walk(function.node, ("comparison_operator", "match_statement", "subscript")):
        match node.type:
            case "comparison_operator":
                if source.text(node.named_children[0]) == wanted:
                    yield node, evaluator.text(Place(source, node.named_children[-1], function.frame))
            case "match_statement":
                subject = child(node, "subject")
                if subject is not None and source.text(subject) == wanted:
                    for text in (t for p in walk(node, ("case_pattern",)) for t in walk(p, ("string",))):
                        yield text, evaluator.text(Place(source, text, function.frame))
            case _:
                table, index = child(node, "value"), child(node, "subscript")
                if table is not None and index is not None and source.text(index) == wanted:
                    yield from ((node, key) for key in evaluator.entries(Place(source, table, function.frame)))
