"""NestJS: which class and which method a decorator stands on."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, callee_of, enclosing, field


def decorated_class(node: Node) -> Node | None:
    """The class that a decorator stands on: around it, or exported right after it."""
    owner = enclosing(node, CLASSES)
    if owner is not None:
        return owner
    return field(enclosing(node, ("export_statement",)), "declaration")


def decorated_method(node: Node) -> Node | None:
    """The method that a decorator stands on; None for any other place."""
    decorator = node.parent
    following = decorator.next_named_sibling if decorator is not None and decorator.type == "decorator" else None
    while following is not None and following.type in ("decorator", "comment"):
        following = following.next_named_sibling
    return following if following is not None and following.type == "method_definition" else None


def methods(view: View, owner: Node | None) -> Iterator[tuple[Node, set[tuple[str, str]]]]:
    """The methods of a class, each with (name, first argument) of its decorators."""
    body = field(owner, "body")
    pending: set[tuple[str, str]] = set()
    for child in body.named_children if body is not None else ():
        if child.type == "decorator":
            made = child.named_children[0]
            function = callee_of(made) or made
            first = view.evaluator.arguments(view.place(made)).get(0)
            pending.add((view.source.text(function), view.evaluator.text(first) if isinstance(first, Place) else ""))
        elif child.type == "method_definition":
            yield child, pending
            pending = set()


def name_of(view: View, definition: Node | None) -> str:
    """The name of a class or method, empty if it has none."""
    name = field(definition, "name")
    return view.source.text(name) if name is not None else ""
