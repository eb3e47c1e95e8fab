"""TOML with the place of every key and value, read tolerantly: what stands around a mistake is read all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import msgspec
from tree_sitter import Language, Node, Parser

from migrator.scanners.manifests.document import Document

Path = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A key with its value. `start` and `end` are the pair's, in characters; `path` leads to it through tables."""

    path: Path
    value: Node
    start: int
    end: int


@cache
def _parser() -> Parser:
    import tree_sitter_toml

    return Parser(Language(tree_sitter_toml.language()))


class Toml(msgspec.Struct, frozen=True):
    """A parsed document."""

    document: Document
    root: Node

    @property
    def error(self) -> int | None:
        """The character at which the first mistake stands, None if there is none."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node.is_error or node.is_missing:
                return self.document.characters(node.start_byte)
            if node.has_error:
                stack.extend(reversed(node.children))
        return None

    def entries(self) -> Iterator[Entry]:
        """Every pair of every table, in order."""
        for node in self.root.named_children:
            if node.type == "pair":
                yield from self._pair(node, ())
            elif node.type in ("table", "table_array_element"):
                keys = [c for c in node.named_children if c.type != "comment"]
                path = self._key(keys[0]) if keys else ()
                for pair in (c for c in node.named_children if c.type == "pair"):
                    yield from self._pair(pair, path)

    def pairs(self, table: Node) -> Iterator[Entry]:
        """The pairs of an inline table."""
        for pair in table.named_children if table.type == "inline_table" else ():
            if pair.type == "pair":
                yield from self._pair(pair, ())

    def strings(self, array: Node) -> Iterator[tuple[str, int, int]]:
        """(text, start, end) of the strings in an array; the places are those of the quotes."""
        for node in array.named_children if array.type == "array" else ():
            if node.type == "string":
                yield self.string(node), *self._range(node)

    def string(self, node: Node) -> str:
        """The text of a string node, empty for any other."""
        if node.type != "string":
            return ""
        text = (node.text or b"").decode("utf-8", "replace")
        quote = text[:3] if text[:3] in ('"""', "'''") else text[:1]
        inner = text[len(quote) : -len(quote)]
        if quote[0] == "'":
            return inner
        try:
            value = ast.literal_eval(f'"""{inner}"""' if len(quote) == 3 else text)
        except (ValueError, SyntaxError):
            return inner
        return value if isinstance(value, str) else inner

    def _pair(self, node: Node, table: Path) -> Iterator[Entry]:
        parts = [c for c in node.named_children if c.type != "comment"]
        if len(parts) != 2:
            return
        path = (*table, *self._key(parts[0]))
        yield Entry(path, parts[1], *self._range(node))

    def _key(self, node: Node) -> Path:
        if node.type == "dotted_key":
            return tuple(part for c in node.named_children for part in self._key(c))
        return ((node.text or b"").decode("utf-8", "replace").strip("\"'"),)

    def _range(self, node: Node) -> tuple[int, int]:
        return self.document.characters(node.start_byte), self.document.characters(node.end_byte)


def parse(document: Document) -> Toml:
    """Parse a document."""
    return Toml(document, _parser().parse(document.data).root_node)
