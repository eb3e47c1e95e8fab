"""`Branch`es of manifests in YAML and in JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import yaml
from tree_sitter import Node

from migrator.jobs import Expression, Literal, Location, Value
from migrator.scanners.branch import Branch
from migrator.scanners.manifests import yaml_source
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.json_source import Json

#: what a text with variables in it stands for: a value, or a branch somewhere else; None for what has none
Resolve = Callable[[str], Value | Branch | None]

_INTEGER = "tag:yaml.org,2002:int"
_BOOLEAN = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"


def _plain(text: str) -> Value | Branch | None:  # noqa: ARG001 - nothing has variables
    return None


class YamlBranch(msgspec.Struct, frozen=True):
    """A node of a YAML document. `resolve` knows the document's variables."""

    document: Document
    node: yaml.Node
    resolve: Resolve = _plain

    @property
    def _meant(self) -> YamlBranch | Branch:
        """The branch that a text of nothing but a variable stands for."""
        if isinstance(self.node, yaml.ScalarNode):
            other = self.resolve(self.node.value)
            if other is not None and not isinstance(other, Literal | Expression):
                return other
        return self

    @property
    def location(self) -> Location:
        """Where the value stands."""
        return self.document.location(self.node.start_mark.index, self.node.end_mark.index)

    @property
    def tag(self) -> str:
        """CloudFormation's short form, such as `!GetAtt`."""
        return self.node.tag if self.node.tag.startswith("!") else ""

    def pairs(self) -> Iterator[tuple[str, Branch, Location]]:
        """(key, value, place of both)."""
        meant = self._meant
        if meant is not self:
            yield from meant.pairs()
            return
        for key, value, where in yaml_source.pairs(self.node):
            end = len(self.document.text[: value.end_mark.index].rstrip())
            place = self.document.location(where.start_mark.index, max(end, where.end_mark.index))
            yield key, YamlBranch(self.document, value, self.resolve), place

    def elements(self) -> list[Branch]:
        """The elements of a list."""
        meant = self._meant
        if meant is not self:
            return meant.elements()
        return [YamlBranch(self.document, n, self.resolve) for n in self.node.value] if isinstance(self.node, yaml.SequenceNode) else []

    def scalar(self) -> Value | None:
        """What a scalar says: a string, number, truth value or nothing; an expression where a variable is not known."""
        if not isinstance(self.node, yaml.ScalarNode):
            return None
        text, tag = self.node.value, self.node.tag
        if tag == _INTEGER and text.lstrip("+-").isdigit():
            return Literal(int(text))
        if tag in (_BOOLEAN, _NULL):
            return Literal(text.lower() in ("true", "yes", "on") if tag == _BOOLEAN else None)
        other = self.resolve(text)
        if other is not None and not isinstance(other, Literal | Expression):
            return other.scalar()
        return other if other is not None else Literal(text)


class JsonBranch(msgspec.Struct, frozen=True):
    """A node of a JSON document."""

    json: Json
    node: Node

    @property
    def location(self) -> Location:
        """Where the value stands."""
        return self.json.document.location(*self.json.range(self.node))

    @property
    def tag(self) -> str:
        """JSON has none."""
        return ""

    def pairs(self) -> Iterator[tuple[str, Branch, Location]]:
        """(key, value, place of both)."""
        for key, value, start, end in self.json.pairs(self.node):
            yield key, JsonBranch(self.json, value), self.json.document.location(start, end)

    def elements(self) -> list[Branch]:
        """The elements of a list."""
        return [JsonBranch(self.json, node) for node in self.json.elements(self.node)]

    def scalar(self) -> Value | None:
        """What a scalar says."""
        node = self.node
        if node.type in ("object", "array"):
            return None
        if node.type == "string":
            return Literal(self.json.string(node))
        text = (node.text or b"").decode("utf-8", "replace")
        if text in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[text])
        return Literal(int(text)) if text.lstrip("-").isdigit() else Expression(text)
