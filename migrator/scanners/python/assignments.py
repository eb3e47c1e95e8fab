"""The statement that a call is the value of, and the name that it gives."""

from __future__ import annotations

from tree_sitter import Node

from migrator.syntax.source import Source
from migrator.syntax.tree import field as child


def statement_of(node: Node) -> Node:
    """The statement that a call is the value of, or the call itself."""
    parent = node.parent
    while parent is not None and parent.type in ("assignment", "named_expression"):
        node, parent = parent, parent.parent
    return parent if parent is not None and parent.type == "expression_statement" else node


def assigned_name(source: Source, node: Node) -> str:
    """The name or attribute that keeps the value of `node`; empty if none does. `self.queue` is `queue`."""
    parent = node.parent
    if parent is None or parent.type not in ("assignment", "named_expression"):
        return ""
    left = child(parent, "left") or child(parent, "name")
    name = source.text(left) if left is not None and left.type in ("identifier", "attribute") else ""
    return name.removeprefix("self.")
