"""Who makes instances of a class of the tree, and with what: where nobody says what an instance holds, those who make it do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from tree_sitter import Node

from migrator.scanners.files import area_of
from migrator.scanners.linking.classes import base_classes, enclosing_class
from migrator.scanners.linking.decorators import class_name
from migrator.scanners.linking.values import Defined, Instance, Place, same_place
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, callee_of, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_MAKING = ("call", "new_expression")
#: how many classes below one another are looked through
_GENERATIONS = 4
#: how Python's class methods and JavaScript's static ones name their class
_OWN = frozenset((b"cls", b"this", b"self.__class__", b"type(self)", b"this.constructor"))
#: where a class is handed to somebody who may make instances of it: a container, a registry, a factory
_HANDED = frozenset(("arguments", "argument_list", "array", "list", "tuple", "pair", "object", "keyword_argument", "decorator"))


class Constructions(Struct, frozen=True):
    """The instances that code of the tree makes, and whether others may be made that it does not show."""

    made: tuple[Instance, ...]
    elsewhere: bool


def constructions(evaluator: Evaluator, owner: Defined, generations: int = _GENERATIONS) -> Constructions:
    """The instances of a class and of those that derive from it. What tests make counts for classes of tests alone."""
    home, name = owner.place.source, class_name(owner.place.source, owner.place.node)
    if not name or not generations:
        return Constructions((), elsewhere=True)
    made: list[Instance] = []
    elsewhere = _is_decorated(owner.place)
    for source in _mentioning(evaluator, home, name):
        for node in source.nodes(*_MAKING):
            called = callee_of(node)
            if called is not None and _names(evaluator, Place(source, called), owner):
                made.append(Instance(owner, Place(source, node)))
        elsewhere = elsewhere or any(_is_handed(evaluator, Place(source, n), owner) for n in source.nodes("identifier"))
        for below in _derived(evaluator, source, owner):
            further = constructions(evaluator, below, generations - 1)
            made += further.made
            elsewhere = elsewhere or further.elsewhere
    return Constructions(tuple(made), elsewhere)


def _mentioning(evaluator: Evaluator, home: Source, name: str) -> Iterator[Source]:
    """The files in which a class may be made: of its language, and of its part of the tree."""
    from migrator.scanners.prefilter import containing

    # A word is looked for in all files many times as fast as a pattern, and most do not have it.
    word = re.compile(rb"\b%s\b" % re.escape(name.encode()))
    area, project = area_of(home.path), evaluator.project
    for path in containing(project.tree, project.code(python=home.is_python), {name.encode()}):
        if area_of(path) in ("", area) and word.search(project.data(path)):
            yield project.source(path)


def _names(evaluator: Evaluator, called: Place, owner: Defined) -> bool:
    """True if what is called is the class."""
    if called.text.encode() in _OWN:
        around = enclosing_class(called.node)
        return around is not None and same_place(Place(called.source, around), owner.place)
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


def _derived(evaluator: Evaluator, source: Source, owner: Defined) -> Iterator[Defined]:
    """The classes of a file that derive from one."""
    for node in source.nodes(*sorted(CLASSES)):
        if not same_place(Place(source, node), owner.place) and any(
            _names(evaluator, Place(source, base), owner) for base in base_classes(source, node)
        ):
            yield Defined(Place(source, node), class_name(source, node))


def _is_decorated(place: Place) -> bool:
    """True for a class that a decorator gives to somebody else: a container of dependencies makes its instances."""
    if place.source.is_python:
        return False
    around: tuple[Node | None, ...] = (place.node, place.node.parent)
    return any(c.type == "decorator" for node in around if node is not None for c in node.children)
