"""HCL, the language of Terraform, with the place of every block and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import msgspec
from tree_sitter import Language, Node, Parser

from migrator.jobs import Expression, Literal, Location, Value
from migrator.regex import regex
from migrator.scanners.manifests.document import Document
from migrator.syntax.tree import walk

_NUMBER = regex(r"-?\d+")


@cache
def _parser() -> Parser:
    import tree_sitter_hcl

    return Parser(Language(tree_sitter_hcl.language()))


class Setting(msgspec.Struct, frozen=True):
    """The expression of an attribute, or an element of one."""

    document: Document
    node: Node

    @property
    def source(self) -> str:
        """Its text."""
        return (self.node.text or b"").decode("utf-8", "replace").strip()

    @property
    def location(self) -> Location:
        """Where it stands."""
        return _location(self.document, self.node)

    @property
    def value(self) -> Value:
        """The literal that it is, else its text."""
        text = self.source
        if _NUMBER.fullmatch(text):
            return Literal(int(text))
        if text in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[text])
        plain = len(text) > 1 and text[0] == '"' and text[-1] == '"' and '"' not in text[1:-1] and "${" not in text
        return Literal(text[1:-1]) if plain else Expression(text)

    @property
    def text(self) -> str:
        """The string that it is, empty for anything else."""
        value = self.value
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""

    def pairs(self) -> Iterator[tuple[str, Setting]]:
        """The entries of an object."""
        node = _of(self.node, "object")
        for element in (c for c in (node.named_children if node is not None else ()) if c.type == "object_elem"):
            parts = [c for c in element.named_children if c.type == "expression"]
            if len(parts) == 2:
                yield Setting(self.document, parts[0]).source.strip('"'), Setting(self.document, parts[1])

    def elements(self) -> list[Setting]:
        """The elements of a tuple."""
        node = _of(self.node, "tuple")
        return [Setting(self.document, c) for c in (node.named_children if node is not None else ()) if c.type == "expression"]


@dataclass(frozen=True)
class Block:
    """`resource "aws_sqs_queue" "mails" { … }`: kind, labels, and what stands in it."""

    document: Document
    node: Node

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The kind and the labels."""
        found = [c for c in self.node.named_children if c.type in ("identifier", "string_lit")]
        return tuple((c.text or b"").decode("utf-8", "replace").strip('"') for c in found)

    @cached_property
    def settings(self) -> dict[str, Setting]:
        """Attributes by name."""
        found: dict[str, Setting] = {}
        for attribute in (c for c in self._body if c.type == "attribute"):
            parts = attribute.named_children
            if len(parts) == 2:
                found[(parts[0].text or b"").decode("utf-8", "replace")] = Setting(self.document, parts[1])
        return found

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks within."""
        return [Block(self.document, c) for c in self._body if c.type == "block"]

    @property
    def location(self) -> Location:
        """Where it stands."""
        return _location(self.document, self.node)

    @property
    def _body(self) -> list[Node]:
        body = next((c for c in self.node.named_children if c.type == "body"), None)
        return body.named_children if body is not None else []


def blocks(document: Document) -> list[Block]:
    """The outermost blocks of a file; what stands around a mistake is read all the same."""
    root = _parser().parse(document.data).root_node
    bodies = [c for c in root.named_children if c.type == "body"] or [root]
    return [Block(document, c) for body in bodies for c in body.named_children if c.type == "block"]


def _of(node: Node, kind: str) -> Node | None:
    """The object or tuple that an expression is, without looking into what is called or nested in it."""
    while node.type in ("expression", "collection_value") and len(node.named_children) == 1:
        node = node.named_children[0]
    return node if node.type == kind else next((n for n in walk(node, (kind,)) if n.parent == node), None)


def _location(document: Document, node: Node) -> Location:
    return document.location(document.characters(node.start_byte), document.characters(node.end_byte))
