"""JSON with the place of every value, comments and trailing commas allowed, read tolerantly."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.manifests.document import Document
from migrator.syntax.source import parse as parse_source
from migrator.syntax.tree import field


class Json(msgspec.Struct, frozen=True):
    """A parsed document. Places are characters."""

    document: Document
    root: Node | None
    error: int | None

    def get(self, *keys: str) -> Node | None:
        """The value that the keys lead to."""
        node = self.root
        for key in keys:
            node = next((value for name, value, _, _ in self.pairs(node) if name == key), None)
        return node

    def pairs(self, node: Node | None) -> Iterator[tuple[str, Node, int, int]]:
        """(key, value, start, end) of each pair of an object; the places are the pair's."""
        for pair in node.named_children if node is not None and node.type == "object" else ():
            key, value = field(pair, "key"), field(pair, "value")
            if pair.type == "pair" and key is not None and value is not None:
                yield self.string(key), value, *self.range(pair)

    def elements(self, node: Node | None) -> list[Node]:
        """The elements of an array."""
        return [c for c in node.named_children if c.type != "comment"] if node is not None and node.type == "array" else []

    def string(self, node: Node | None) -> str:
        """The text of a string, empty for anything else."""
        if node is None or node.type != "string" or node.text is None:
            return ""
        try:
            value = json.loads(node.text)
        except ValueError:
            return ""
        return value if isinstance(value, str) else ""

    def range(self, node: Node) -> tuple[int, int]:
        """Where a value stands."""
        return self.document.characters(node.start_byte - 1), self.document.characters(node.end_byte - 1)


def parse(document: Document) -> Json:
    """Parse a document: as a JavaScript expression, in brackets, of which JSON is a part."""
    data = document.data
    if data.startswith(b"\xef\xbb\xbf"):
        # The mark is no part of the text; a space of the same length keeps every place.
        data = b"   " + data[3:]
    source = parse_source("manifest.js", b"(" + data + b")")
    error = next((document.characters(max(gap.span.start - 1, 0)) for gap in source.gaps), None)
    statement = source.root.named_children[0] if source.root.named_children else None
    outer = statement.named_children[0] if statement is not None and statement.named_children else None
    value = next((c for c in outer.named_children if c.type != "comment"), None) if outer is not None else None
    return Json(document, value, error)
