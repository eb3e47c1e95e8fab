"""Which functions of the project may stand behind a call of a method that only an interface or a base class names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, Instance, Place
from migrator.scanners.linking.classes import base_classes, enclosing_class, implemented
from migrator.scanners.reading import Call
from migrator.syntax.source import Source
from migrator.syntax.tree import enclosing, name_of

_Key = tuple[str, int]


@dataclass
class Implementations:
    """Calls by the class or interface whose method they name."""

    _calls: dict[tuple[_Key, str], list[tuple[Call, Defined]]] = field(default_factory=lambda: defaultdict(list))

    def use(self, call: Call, callee: Defined) -> None:
        """Remember a call of a method on something of which only the type is known."""
        owner = callee.owner.of if isinstance(callee.owner, Instance) and callee.owner.call is None else None
        if isinstance(owner, Defined):
            declared = enclosing_class(callee.place.node) or _interface(callee.place.node)
            for place in {(p.source.path, p.node.start_byte) for p in (owner.place, _at(callee, declared)) if p is not None}:
                self._calls[(place, callee.name)].append((call, callee))

    def uses(self, evaluator: Evaluator, source: Source, function: Node) -> Iterator[tuple[Call, Defined]]:
        """Calls that may run the method `function`: those of a method of its name on a class or interface that its class is one of."""
        owner, name = enclosing_class(function), name_of(function)
        if owner is None or name is None or function.parent is None or function.parent.parent != owner:
            return
        text = source.text(name)
        for above in above_all(evaluator, Place(source, owner)):
            for call, _ in self._calls.get(((above.source.path, above.node.start_byte), text), ()):
                yield call, Defined(Place(source, function), text, Instance(Defined(Place(source, owner), "")))


def above_all(evaluator: Evaluator, owner: Place, seen: frozenset[_Key] = frozenset()) -> Iterator[Place]:
    """The classes of the project from which a class derives and the interfaces that it says it has, theirs included."""
    for node in (*base_classes(owner.source, owner.node), *implemented(owner.source, owner.node)):
        meaning = evaluator.of(owner.source, node)
        key = (meaning.place.source.path, meaning.place.node.start_byte) if isinstance(meaning, Defined) else None
        if isinstance(meaning, Defined) and key is not None and key not in seen:
            yield meaning.place
            yield from above_all(evaluator, meaning.place, seen | {key})


def _interface(signature: Node) -> Node | None:
    return enclosing(signature, ("interface_declaration", "type_alias_declaration"))


def _at(callee: Defined, node: Node | None) -> Place | None:
    return Place(callee.place.source, node) if node is not None else None
