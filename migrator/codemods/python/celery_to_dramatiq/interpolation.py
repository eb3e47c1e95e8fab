"""Expressions within f-strings. Before Python 3.12 they cannot contain the quotes of the string around them, nor a backslash."""

from __future__ import annotations

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.plan import Change
from migrator.codemods.python.expressions import quoted
from migrator.syntax.source import Source
from migrator.syntax.tree import ancestors


def quoted_at(source: Source, node: Node, text: str) -> str:
    """`text` as a string literal that can stand at `node`: in other quotes than those of the strings around it, where that is possible."""
    usual = quoted(text)
    if '"' not in _delimiters(source, node):
        return usual
    return f"'{usual[1:-1]}'" if "'" not in usual and "\\" not in usual else usual


def clash(source: Source, change: Change) -> Node | None:
    """Where a replacement puts a quote or a backslash that the f-string around it does not allow; None if it does so nowhere."""
    for where, text in change.pieces:
        if any(c in text for c in "\"'\\"):
            node = source.root.descendant_for_byte_range(where.start, max(where.start, where.end - 1))
            quotes = _delimiters(source, node) if node is not None else set[str]()
            if quotes and any(c in text for c in (*quotes, "\\")):
                return node
    return None


def _delimiters(source: Source, node: Node) -> set[str]:
    """The quotes of all f-strings in whose expressions `node` stands."""
    found: set[str] = set()
    inside = False
    for outer in (node, *ancestors(node)):
        if outer.type == "interpolation":
            inside = True
        elif outer.type == "string" and inside:
            found.add(source.text(outer.children[0])[-1])
            inside = False
    return found
