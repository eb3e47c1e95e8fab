"""Which names of a file can lead to something that matters: the cheap question that is asked before the dear one of what a name stands for.

The answer errs on the side of too many. Scopes are not told apart: a name is live if, anywhere in the file, it is given something in which
a live name stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection

from tree_sitter import Node

from migrator.syntax.bindings import Bindings
from migrator.syntax.tree import CLASSES

_NAMES = ("identifier", "type_identifier", "shorthand_property_identifier", "this", "super", "import")
#: what stands for the instance around it, of which a file's names say nothing
_THIS: frozenset[bytes] = frozenset((b"this", b"super", b"self", b"cls"))
#: what finds something by its name
_LOOKUPS: frozenset[bytes] = frozenset((b"getattr", b"__import__", b"globals", b"locals", b"require", b"import"))


class LiveNames:
    """The live names of one file. They only ever grow."""

    def __init__(self, bindings: Bindings) -> None:
        source = bindings.source
        nodes = source.nodes(*_NAMES)
        self._starts = [n.start_byte for n in nodes]
        self._texts = [source.data[n.start_byte : n.end_byte] for n in nodes]
        self._live: set[bytes] = set(_THIS | _LOOKUPS)
        #: (name, names in what it is given) of every binding that is no import
        self._given: list[tuple[bytes, frozenset[bytes]]] = []
        for binding in bindings.every():
            if binding.kind == "import":
                continue
            parts = (_whole(binding.node),) if binding.kind in ("function", "class", "enum") else (binding.value, binding.annotation)
            names = frozenset(name for part in parts if part is not None for name in self._within(part))
            # What a class says of itself is said within it.
            self._given.append((binding.name.encode(), names - _THIS if binding.node.type in CLASSES else names))

    def _within(self, node: Node) -> list[bytes]:
        first = bisect_left(self._starts, node.start_byte)
        return self._texts[first : bisect_left(self._starts, node.end_byte, first)]

    def grow(self, names: Collection[bytes]) -> bool:
        """Names that are live for a reason outside of the file, and all that hang on them; True if there are new ones."""
        before = len(self._live)
        self._live.update(names)
        waiting = self._given
        while True:
            left = [each for each in waiting if each[1].isdisjoint(self._live)]
            if len(left) == len(waiting):
                break
            self._live.update(name for name, inner in waiting if not inner.isdisjoint(self._live))
            waiting = left
        self._given = waiting
        return len(self._live) > before

    def every(self) -> set[bytes]:
        """Every name that stands in the file."""
        return set(self._texts)

    def __contains__(self, name: str) -> bool:
        return name.encode() in self._live

    def within(self, node: Node) -> bool:
        """True if a live name stands in `node`."""
        return not self._live.isdisjoint(self._within(node))


def _whole(definition: Node) -> Node:
    """A definition and what decorates it."""
    parent = definition.parent
    return parent if parent is not None and parent.type in ("decorated_definition", "export_statement") else definition
