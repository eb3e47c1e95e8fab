"""Which names a file still uses once some of its code is gone."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from migrator.codemods.typescript.imports import Imported, imported
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import walk

_NAMES = ("identifier", "type_identifier", "shorthand_property_identifier", "nested_identifier")


def unused(source: Source, gone: Iterable[Span], candidates: Iterable[str]) -> list[Imported]:
    """Imports of `candidates` (local names) that nothing outside the spans `gone` mentions."""
    cut = list(gone)
    names = set(candidates)
    entries = [e for e in imported(source) if e.local in names]
    statements = [e.statement for e in imported(source)]
    alive: set[str] = set()
    for node in walk(source.root, _NAMES):
        text = source.text(node)
        if text in names and not _inside(node, cut) and not any(_in(node, s) for s in statements):
            alive.add(text)
    return [e for e in entries if e.local not in alive]


def names_within(source: Source, spans: Iterable[Span]) -> set[str]:
    """The names that code in these spans mentions."""
    cut = list(spans)
    return {source.text(n) for n in walk(source.root, _NAMES) if _inside(n, cut)}


def _inside(node: Node, spans: list[Span]) -> bool:
    return any(s.start <= node.start_byte and node.end_byte <= s.end for s in spans)


def _in(node: Node, statement: Node) -> bool:
    return statement.start_byte <= node.start_byte and node.end_byte <= statement.end_byte and statement.type != "export_statement"
