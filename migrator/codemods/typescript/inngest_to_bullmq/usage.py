"""How files use names: which are still used once some code is gone, and which are only given or passed on."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from migrator.codemods.typescript.imports import Imported, imported
from migrator.codemods.typescript.project import Project
from migrator.jobs import Reference, Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field, walk

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


def declares(project: Project, use: Reference) -> bool:
    """True where the name is only exported, imported or given to the client, or is that of something else made with it."""
    source = project.source(use.location.path)
    node = source.root.descendant_for_byte_range(use.location.span.start, use.location.span.start + 1)
    parent = node.parent if node is not None else None
    if node is None or parent is None:
        return False
    if parent.type in ("export_specifier", "import_specifier", "import_clause") or _is_exported(source, node):
        return True
    if parent.type == "variable_declarator" and field(parent, "name") == node:
        return True
    bound = project.bindings(source.path).lookup(source.text(node), node)
    return bool(bound) and bound[0].kind != "import" and f"{source.path}:{source.text(node)}" != use.target


def exports(project: Project, use: Reference) -> bool:
    """True for `export default name`, and a name that another file passes on."""
    source = project.source(use.location.path)
    node = source.root.descendant_for_byte_range(use.location.span.start, use.location.span.start + 1)
    return node is not None and node.parent is not None and node.parent.type == "export_statement"


def _is_exported(source: Source, node: Node) -> bool:
    """True for a name in `module.exports = { name }` and `module.exports = name`."""
    outer = node.parent
    if outer is not None and outer.type == "pair":
        outer = outer.parent
    if outer is not None and outer.type == "object":
        outer = outer.parent
    left = field(outer, "left") if outer is not None and outer.type == "assignment_expression" else None
    return left is not None and source.text(left).startswith(("module.exports", "exports."))


def _inside(node: Node, spans: list[Span]) -> bool:
    return any(s.start <= node.start_byte and node.end_byte <= s.end for s in spans)


def _in(node: Node, statement: Node) -> bool:
    return statement.start_byte <= node.start_byte and node.end_byte <= statement.end_byte and statement.type != "export_statement"
