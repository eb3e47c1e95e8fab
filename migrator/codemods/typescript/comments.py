"""`TODO(migrate MIG…)` comments above what a person has to change: once, and only where a comment may stand."""

from __future__ import annotations

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.jobs import Location, Span
from migrator.syntax.source import Source

_WIDTH = 140
_BLOCKS = frozenset(("program", "statement_block", "class_body", "switch_case", "switch_default", "export_statement"))
_JSX = frozenset(("jsx_element", "jsx_self_closing_element", "jsx_fragment", "jsx_expression"))


def todo(source: Source, where: Location, trap: str, reason: str, group: str) -> Edit | None:
    """The comment above the statement at `where`; None where it stands already."""
    data = source.data
    node = _statement(source, where)
    start = data.rfind(b"\n", 0, node.start_byte) + 1
    lead = data[start : node.start_byte]
    if lead.strip(b" \t\xef\xbb\xbf"):
        # The statement shares its line with what is before it: above the whole line is a place for a comment all the same.
        lead = lead[: len(lead) - len(lead.lstrip(b" \t"))]
    mark = f"TODO(migrate {trap})"
    if mark.encode() in _comments_above(data, start):
        return None
    indent = lead.decode("utf-8", "replace").removeprefix("\ufeff")
    text = f"{indent}// {mark}: {reason[0].upper()}{reason[1:].rstrip('.')}."
    if len(text) > _WIDTH:
        text = text[: _WIDTH - 1].rsplit(" ", 1)[0] + "…"
    return Edit(source.path, Span(start, start), f"{text}\n", group)


def _statement(source: Source, where: Location) -> Node:
    """The statement around a place, and above it the first that does not stand inside a text or markup."""
    node = source.root.descendant_for_byte_range(where.span.start, where.span.start) or source.root
    found = node
    while found.parent is not None and (found.parent.type not in _BLOCKS or found.parent.type == "export_statement"):
        found = found.parent
    outer = found.parent
    while outer is not None:
        if outer.type in _JSX or outer.type in ("template_string", "template_substitution"):
            found = outer
            while found.parent is not None and found.parent.type not in _BLOCKS:
                found = found.parent
        outer = outer.parent
    return found


def _comments_above(data: bytes, start: int) -> bytes:
    found: list[bytes] = []
    for line in reversed(data[:start].splitlines()):
        if not line.strip().removeprefix(b"\xef\xbb\xbf").startswith((b"//", b"*", b"/*")):
            break
        found.append(line)
    return b"\n".join(found)
