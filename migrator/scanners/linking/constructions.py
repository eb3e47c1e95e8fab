"""Who makes instances of a class of the tree, and with what: where nobody says what an instance holds, those who make it do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from tree_sitter import Node

from migrator.scanners.files import area_of
from migrator.scanners.linking.classes import base_classes, enclosing_class
from migrator.scanners.linking.decorators import class_name
from migrator.scanners.linking.values import Defined, Instance, Place, same_place
from migrator.syntax.import_text import DEFAULT
from migrator.syntax.source import Source
from migrator.syntax.tree import AROUND, CLASSES, callee_of, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_MAKING = ("call", "new_expression")
#: nodes that name a class where it is made, handed on or derived from
_NAMING = frozenset(("identifier", "property_identifier", "type_identifier"))
#: what stands between a class and what it derives from
_HERITAGE = frozenset(("argument_list", "class_heritage", "extends_clause"))
#: how a line begins that imports, and how far it is looked for
_IMPORTING, _LINE = (b"from ", b"import "), 200
#: how many classes below one another are looked through
_GENERATIONS = 4
#: how Python's class methods and JavaScript's static ones name their class
_OWN = frozenset((b"cls", b"this", b"self.__class__", b"type(self)", b"this.constructor"))
#: where a class is handed to somebody who may make instances of it: a container, a registry, a factory
_HANDED = frozenset(("arguments", "argument_list", "array", "list", "tuple", "pair", "object", "keyword_argument", "decorator"))

#: the path and first byte of a class
_Key = tuple[str, int]


class Constructions(Struct, frozen=True):
    """The instances that code of the tree makes, and whether others may be made that it does not show."""

    made: tuple[Instance, ...]
    elsewhere: bool


class _Uses(Struct, frozen=True):
    """What a file does with a class: makes instances of it, hands it to others, derives classes from it."""

    made: tuple[Instance, ...]
    handed: bool
    derived: tuple[Defined, ...]


def constructions(evaluator: Evaluator, owner: Defined) -> Constructions:
    """The instances of a class and of those that derive from it. What tests make counts for classes of tests alone."""
    uses: dict[_Key, list[_Uses]] = {}
    generation = [owner]
    for _ in range(_GENERATIONS):
        # One look at all files tells of all classes of a generation.
        fresh = {_key(each): each for each in generation if _key(each) not in uses}
        if not fresh:
            break
        uses.update(_used(evaluator, fresh))
        generation = [below for key in fresh for used in uses.get(key, ()) for below in used.derived]
    return _gathered(uses, owner, _GENERATIONS)


def _gathered(uses: Mapping[_Key, list[_Uses]], owner: Defined, generations: int) -> Constructions:
    known = uses.get(_key(owner))
    if known is None or not generations:
        return Constructions((), elsewhere=True)
    made: list[Instance] = []
    elsewhere = _is_decorated(owner.place)
    for used in known:
        below = [_gathered(uses, each, generations - 1) for each in used.derived]
        made += (*used.made, *(instance for each in below for instance in each.made))
        elsewhere = elsewhere or used.handed or any(each.elsewhere for each in below)
    return Constructions(tuple(made), elsewhere)


def _used(evaluator: Evaluator, owners: Mapping[_Key, Defined]) -> dict[_Key, list[_Uses]]:
    """What is done with classes of one language that have a name, by file: in those in which they may be made."""
    from migrator.scanners.prefilter import each_containing

    project = evaluator.project
    names = {key: name for key, each in owners.items() if (name := class_name(each.place.source, each.place.node))}
    areas = {"", *(area_of(each.place.source.path) for each in owners.values())}
    is_python = any(each.place.source.is_python for each in owners.values())
    # Of their parts of the tree.
    paths = [path for path in project.code(python=is_python) if area_of(path) in areas]
    # A word is looked for in all files many times as fast as a pattern, and most do not have it.
    containing = each_containing(project.tree, paths, {name.encode() for name in names.values()})
    found: dict[_Key, list[_Uses]] = {}
    for key, name in names.items():
        area = area_of(owners[key].place.source.path)
        found[key] = [
            _uses(evaluator, project.source(path), owners[key])
            for path in containing[name.encode()]
            if area_of(path) in ("", area) and any(_stands_in(project.data(path), name, python=is_python))
        ]
    return found


def _uses(evaluator: Evaluator, source: Source, owner: Defined) -> _Uses:
    own = class_name(owner.place.source, owner.place.node)
    taken = evaluator.project.imports(source.path).taken
    names = sorted({own, *(local for local, _, member in taken if local and member in (own, DEFAULT))})
    made = _made_of_itself(source, owner)
    derived: list[Node] = []
    handed = False
    for start, end in (span for name in names for span in _stands_in(source.data, name, python=source.is_python)):
        node = source.at(start, end)
        if node is None or node.type not in _NAMING:
            continue
        parent = node.parent
        named = parent if parent is not None and node in (field(parent, "property"), field(parent, "attribute")) else node
        call, below = _call_of(named), _derives(source, named)
        if call is not None and _names(evaluator, Place(source, named), owner):
            made.append(call)
        elif below is not None and not same_place(Place(source, below), owner.place) and _names(evaluator, Place(source, named), owner):
            derived.append(below)
        handed = handed or (node.type == "identifier" and _is_handed(evaluator, Place(source, node), owner))
    return _Uses(
        tuple(Instance(owner, Place(source, call)) for call in sorted(made, key=_order)),
        handed,
        tuple(Defined(Place(source, node), class_name(source, node)) for node in sorted(dict.fromkeys(derived), key=_order)),
    )


def _stands_in(data: bytes, name: str, *, python: bool) -> Iterator[tuple[int, int]]:
    """Where a name stands by itself; in Python not before a member's, and not where it is imported under that name on one line."""
    # A pattern that begins with the border of a word is looked for twenty times as slowly.
    for match in re.finditer(rb"%s\b" % re.escape(name.encode()), data):
        line = data[max(0, match.start() - _LINE) : match.start()].rpartition(b"\n")[2]
        after = data[match.end() : match.end() + _LINE].lstrip(b" \t")
        imported = line.startswith(_IMPORTING) and b";" not in line and not after.startswith(b"as ")
        # In JavaScript the path of a file may be all that names the class that it exports by default.
        idle = python and (imported or data[match.end() : match.end() + 1] == b".")
        if not (idle or line[-1:].isalnum() or line.endswith(b"_")):
            yield match.span()


def _order(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def _call_of(named: Node) -> Node | None:
    """The call, or `new`, of what is named; None where it is not called."""
    outer = named.parent
    while outer is not None and outer.type in AROUND:
        outer = outer.parent
    return outer if outer is not None and outer.type in _MAKING and callee_of(outer) == named else None


def _derives(source: Source, named: Node) -> Node | None:
    """The class that derives from what is named."""
    outer = named.parent
    while outer is not None and outer.type in _HERITAGE:
        outer = outer.parent
    return outer if outer is not None and outer.type in CLASSES and named in base_classes(source, outer) else None


def _made_of_itself(source: Source, owner: Defined) -> list[Node]:
    """The calls in the body of a class by which it makes instances of itself, whatever its name."""
    node = owner.place.node
    if source.path != owner.place.source.path or not any(word in source.data[node.start_byte : node.end_byte] for word in _OWN):
        return []
    calls = ((call, callee_of(call)) for call in source.below(node, *_MAKING))
    return [call for call, called in calls if called is not None and called.text in _OWN and enclosing_class(called) == node]


def _key(owner: Defined) -> _Key:
    return (owner.place.source.path, owner.place.node.start_byte)


def _names(evaluator: Evaluator, called: Place, owner: Defined) -> bool:
    """True if what is called is the class."""
    last = field(called.node, "property") or field(called.node, "attribute") or called.node
    return _may_be(evaluator, Place(called.source, last), owner) and _is(evaluator, called, owner)


def _may_be(evaluator: Evaluator, name: Place, owner: Defined) -> bool:
    """False for a name that is neither that of the class nor another one under which it is imported."""
    own = class_name(owner.place.source, owner.place.node)
    if name.text == own:
        return True
    if name.node.type != "identifier":
        return False
    bound = evaluator.project.bindings(name.source.path).lookup(name.text, name.node)
    return any(b.kind == "import" and b.member in (own, "default") for b in bound)


def _is(evaluator: Evaluator, place: Place, owner: Defined) -> bool:
    meaning = evaluator.meaning(place)
    return isinstance(meaning, Defined) and same_place(meaning.place, owner.place)


def _is_handed(evaluator: Evaluator, name: Place, owner: Defined) -> bool:
    outer = name.node.parent
    if outer is None or outer.type not in _HANDED or (outer.parent is not None and outer.parent.type in CLASSES):
        return False
    return _may_be(evaluator, name, owner) and _is(evaluator, name, owner)


def _is_decorated(place: Place) -> bool:
    """True for a class that a decorator gives to somebody else: a container of dependencies makes its instances."""
    if place.source.is_python:
        return False
    around: tuple[Node | None, ...] = (place.node, place.node.parent)
    return any(c.type == "decorator" for node in around if node is not None for c in node.children)
