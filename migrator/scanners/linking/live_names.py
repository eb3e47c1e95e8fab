"""Which names of a file can lead to something that matters: the cheap question that is asked before the dear one of what a name stands for.

The answer errs on the side of too many. Scopes are not told apart: a name is live if, anywhere in the file, it is given something in which
a live name stands.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from operator import itemgetter

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking.callbacks import called_with
from migrator.syntax.bindings import Bindings
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, field, promise_of
from migrator.syntax.typescript_bindings import ASSIGNMENTS

_NAMES = ("identifier", "type_identifier", "shorthand_property_identifier", "this", "super", "import")
#: what stands for the instance around it, of which a file's names say nothing
_THIS: frozenset[bytes] = frozenset((b"this", b"super", b"self", b"cls"))
#: bindings of which all that stands in them counts
_WHOLE = frozenset(("function", "class", "enum", "type"))
#: what puts something into a container
_PUT: frozenset[bytes | None] = frozenset((b"set", b"push", b"add", b"unshift", b"assign"))
_PUTS = regex(rb"\.(set|push|add|unshift|assign)\(")
#: what an object that is filled later is made by
_OBJECTS = frozenset(("object", "as_expression", "satisfies_expression"))
#: what finds something by its name
_LOOKUPS: frozenset[bytes] = frozenset((b"getattr", b"__import__", b"globals", b"locals", b"require", b"import"))


class LiveNames:
    """The live names of one file. They only ever grow."""

    def __init__(self, bindings: Bindings) -> None:
        source = bindings.source
        nodes = source.nodes(*_NAMES)
        self._starts = array("I", (n.start_byte for n in nodes))
        # A name that stands in the file many times is kept once.
        once: dict[bytes, bytes] = {}
        self._texts = [once.setdefault(text, text) for n in nodes for text in (source.data[n.start_byte : n.end_byte],)]
        self._live: set[bytes] = set(_LOOKUPS)
        #: bytes of each outermost class, and the names in it
        self._classes: list[tuple[int, int, frozenset[bytes]]] = []
        for node in source.nodes(*CLASSES):
            if not self._classes or self._classes[-1][1] <= node.start_byte:
                self._classes.append((node.start_byte, node.end_byte, frozenset(self._within(_whole(node)))))
        #: (name, names in what it is given, names in the class of the instance in what it is given) of every binding that is no import
        self._given: list[tuple[bytes, frozenset[bytes], frozenset[bytes]]] = []
        for binding in bindings.every():
            if binding.kind == "import":
                continue
            parts = (_whole(binding.node),) if binding.kind in _WHOLE else (binding.value, binding.annotation, binding.default)
            if binding.kind == "parameter" and binding.index == 0 and not source.is_python:
                parts = (*parts, promise_of(binding.scope, source.data))
            if binding.kind == "parameter" and binding.annotation is None and not source.is_python:
                parts = (*parts, called_with(binding.scope))
            names = frozenset(name for part in parts if part is not None for name in self._within(part))
            # What a class says of itself is said within it.
            own = binding.node.type in CLASSES or _THIS.isdisjoint(names)
            self._given.append((binding.name.encode(), names, frozenset() if own else self._around(binding.node)))
        self._given += [(name, frozenset(self._within(value)), frozenset()) for name, value in _put_in(bindings)]

    def _within(self, node: Node) -> list[bytes]:
        first = bisect_left(self._starts, node.start_byte)
        return self._texts[first : bisect_left(self._starts, node.end_byte, first)]

    def grow(self, names: Collection[bytes]) -> bool:
        """Names that are live for a reason outside of the file, and all that hang on them; True if there are new ones."""
        before = len(self._live)
        self._live.update(names)
        waiting = self._given
        while True:
            live = self._live
            left = [each for each in waiting if each[1].isdisjoint(live) and each[2].isdisjoint(live)]
            if len(left) == len(waiting):
                break
            self._live = live | {each[0] for each in waiting if not each[1].isdisjoint(live) or not each[2].isdisjoint(live)}
            waiting = left
        self._given = waiting
        return len(self._live) > before

    def every(self) -> set[bytes]:
        """Every name that stands in the file."""
        return set(self._texts)

    def mentions(self, source: Source, types: Collection[str]) -> Iterator[Node]:
        """The nodes of `types` in the file that are live names, in document order."""
        for start, text in zip(self._starts, self._texts, strict=True):
            node = source.at(start, start + len(text)) if text in self._live else None
            if node is not None and node.type in types:
                yield node

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, name: bytes) -> bool:
        return name in self._live

    def within(self, node: Node) -> bool:
        """True if a live name stands in `node`, or the instance of a class in which one does."""
        names = self._within(node)
        return not self._live.isdisjoint(names) or not (_THIS.isdisjoint(names) or self._live.isdisjoint(self._around(node)))

    def _around(self, node: Node) -> frozenset[bytes]:
        """The names in the outermost class around `node`. Outside of any, nobody knows what `this` is: then they are live."""
        place = bisect_right(self._classes, node.start_byte, key=itemgetter(0)) - 1
        inside = place >= 0 and node.end_byte <= self._classes[place][1]
        return self._classes[place][2] if inside else _LOOKUPS


def _put_in(bindings: Bindings) -> Iterator[tuple[bytes, Node]]:
    """(name of a container, what is put into it) of `queues.set("mail", new Queue("mail"))`, `queues.mail = new Queue("mail")`."""
    source = bindings.source
    if source.is_python:
        return
    for node in source.nodes(*ASSIGNMENTS):
        owner, value = field(node, "left", "object"), field(node, "right")
        while owner is not None and (inner := field(owner, "object")) is not None:
            owner = inner
        bound = bindings.module.get(source.text(owner), []) if owner is not None and owner.type == "identifier" else []
        filled = any(b.kind == "import" or (b.value is not None and b.value.type in _OBJECTS) for b in bound)
        if owner is not None and value is not None and filled:
            yield source.data[owner.start_byte : owner.end_byte], value
    if not _PUTS.search(source.data):
        return
    for call in source.nodes("call_expression"):
        callee, given = field(call, "function"), field(call, "arguments")
        owner, method = field(callee, "object"), field(callee, "property")
        if given is not None and method is not None and method.text == b"assign" and given.named_children:
            owner = given.named_children[0]
        while owner is not None and owner.type == "member_expression":
            owner = field(owner, "object")
        if owner is not None and method is not None and given is not None and owner.type == "identifier" and method.text in _PUT:
            yield source.data[owner.start_byte : owner.end_byte], given


def _whole(definition: Node) -> Node:
    """A definition and what decorates it."""
    parent = definition.parent
    return parent if parent is not None and parent.type in ("decorated_definition", "export_statement") else definition
