"""The parameters of a Python function, as the model describes them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Parameter
from migrator.scanners.linking import Place
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field as child


def parameters(function: Place) -> tuple[Parameter, ...]:
    """Parameters of a function or lambda, in order."""
    listed = child(function.node, "parameters")
    return tuple(_each(function.source, listed)) if listed is not None else ()


def _each(source: Source, listed: Node) -> Iterator[Parameter]:
    nodes = [n for n in listed.named_children if n.type != "comment"]
    # Everything before a bare `/` is positional only.
    slash = next((i for i, n in enumerate(nodes) if n.type == "positional_separator"), -1)
    keyword_only = False
    for index, node in enumerate(nodes):
        if node.type in ("positional_separator", "keyword_separator"):
            keyword_only = keyword_only or node.type == "keyword_separator"
            continue
        target, star = _target(node)
        kind = star or ("keyword" if keyword_only else "positional" if index < slash else "plain")
        keyword_only = keyword_only or star == "star"
        default, annotation = child(node, "value"), child(node, "type")
        yield Parameter(
            name=source.text(target),
            kind=kind,
            default=source.text(default) if default is not None else "",
            annotation=source.text(annotation) if annotation is not None else "",
            span=span(node),
        )


def _target(node: Node) -> tuple[Node, str]:
    """The node of the name, and `star` or `double_star`."""
    name = child(node, "name") or (node.named_children[0] if node.type == "typed_parameter" else node)
    if name.type in ("list_splat_pattern", "dictionary_splat_pattern"):
        return name.named_children[0], "star" if name.type == "list_splat_pattern" else "double_star"
    return name, ""
