"""Which functions of the project may stand behind a call of a method that only an interface or a base class names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, Instance, Place
from migrator.scanners.linking.classes import base_classes, enclosing_class, member_names
from migrator.scanners.linking.kinds import above_all
from migrator.scanners.reading import Call
from migrator.syntax.source import Source
from migrator.syntax.tree import enclosing, name_of
from migrator.syntax.tree import field as field_of

_Key = tuple[str, int]
_PROTOCOLS = frozenset(("typing.Protocol", "typing_extensions.Protocol"))


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
        callee = Defined(Place(source, function), text, Instance(Defined(Place(source, owner), "")))
        told = [(above.place.source.path, above.place.node.start_byte) for above in above_all(evaluator, Place(source, owner))]
        if source.is_python:
            told += [key for key in self._protocols(evaluator, Place(source, owner), text) if key not in told]
        for key in told:
            for call, _ in self._calls.get((key, text), ()):
                yield call, callee

    def _protocols(self, evaluator: Evaluator, owner: Place, method: str) -> Iterator[_Key]:
        """The protocols of which a method of that name is called and that a class of Python has without saying so: all their members."""
        members = set(member_names(owner.source, owner.node))
        for (key, name), calls in self._calls.items():
            declaring = calls[0][1].owner if name == method else None
            protocol = declaring.of if isinstance(declaring, Instance) else None
            if isinstance(protocol, Defined) and _is_protocol(evaluator, protocol.place) and _members(protocol.place) <= members:
                yield key


def _is_protocol(evaluator: Evaluator, place: Place) -> bool:
    """True for `class Queue(Protocol)` and `class Queue(Protocol[T])`."""
    bases = (field_of(base, "value") or base for base in base_classes(place.source, place.node))
    return place.source.is_python and any(evaluator.of(place.source, base).key in _PROTOCOLS for base in bases)


def _members(place: Place) -> set[str]:
    return set(member_names(place.source, place.node))


def _interface(signature: Node) -> Node | None:
    return enclosing(signature, ("interface_declaration", "type_alias_declaration"))


def _at(callee: Defined, node: Node | None) -> Place | None:
    return Place(callee.place.source, node) if node is not None else None
