"""The rounds of a loop over something known: one frame for each, in which the loop's names stand for its elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from migrator.scanners.linking.classes import enum_members
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.evaluate import Evaluator
from migrator.scanners.linking.folders import listed
from migrator.scanners.linking.values import Defined, Frame, Instance, Known, Meaning, Member, Namespace, Place, Structure
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, field
from migrator.syntax.typescript_bindings import pattern_names

#: the nodes that bind a loop's names in Python
_LOOPS = ("for_statement", "for_in_clause")
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
_REDUCES = b"reduce"
#: methods that call a function with each element
_HANDING = frozenset((b"map", b"forEach", b"flatMap", _REDUCES))
#: what a loop over a call of these goes over, in Python's terms
_OF_OBJECTS = {"globalThis.Object.entries": "items", "globalThis.Object.keys": "keys", "globalThis.Object.values": "values"}
#: an element of what is looped over; a pair is an entry of a dictionary
_Element = Place | Meaning | tuple[Place | Meaning, Place | Meaning]
_Round = dict[int | str, Place | Meaning]
#: how deep spreads in spreads are followed
_DEPTH = 4


def rounds(evaluator: Evaluator, place: Place) -> list[Frame]:
    """A frame for each time that the loops around `place` reach it; empty outside of loops, or if a loop's elements are not all known.

    `for` loops and comprehensions within the function around `place`, in TypeScript `for (const x of xs)`, and the functions that
    are handed to `xs.forEach(…)` or `xs.map(…)`.
    """
    frames: list[Frame | None] = [place.frame]
    loops = list(loops_around(place.node))
    for loop in reversed(loops):
        following: list[Frame | None] = []
        for frame in frames:
            each = _each(evaluator, place, loop, frame)
            if each is None:
                return []
            following += [Frame(loop, bound, None, frame, element) for bound, element in each]
        frames = following
    return [f for f in frames if f is not None] if loops else []


def are_known(evaluator: Evaluator, over: Place) -> bool:
    """True if every element of what is looped over is spelled out in the code."""
    return values_of(evaluator, over) is not None


def loops_around(node: Node) -> Iterator[Node]:
    """Loops around a node, innermost first."""
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS:
            if _over(ancestor) is None:
                return
            yield ancestor
        elif ancestor.type in ("for_statement", "for_in_statement"):
            yield ancestor
        elif ancestor.type in _COMPREHENSIONS:
            yield from reversed([c for c in ancestor.named_children if c.type == "for_in_clause"])


def _each(evaluator: Evaluator, place: Place, loop: Node, frame: Frame | None) -> list[tuple[_Round, Place | Meaning]] | None:
    left, right = parts_of(loop)
    if left is None or right is None:
        return None
    values = values_of(evaluator, Place(place.source, right, frame))
    if values is None:
        return None
    bound = [(bind(evaluator, place.source.text, left, value), about) for value, about in values]
    position = position_of(loop)
    told = [({position if n == 0 else n: given for n, given in names.items()}, about) for names, about in bound if names is not None]
    return told if len(told) == len(bound) else None


def parts_of(loop: Node) -> tuple[Node | None, Node | None]:
    """(what each element is bound to, what is looped over)."""
    if loop.type in FUNCTIONS:
        return _parameter(loop), _over(loop)
    return field(loop, "left"), field(loop, "right")


def _over(function: Node) -> Node | None:
    """What the function is called with the elements of: `xs` of `xs.map(function)`, `xs.reduce(function, {})`."""
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    callee = callee_of(call)
    method = field(callee, "property")
    return field(callee, "object") if method is not None and method.text in _HANDING else None


def position_of(function: Node) -> int:
    """At which position a function is handed the element: `reduce` hands it over second."""
    callee = callee_of(function.parent.parent) if function.parent is not None and function.type in FUNCTIONS else None
    method = field(callee, "property")
    return 1 if method is not None and method.text == _REDUCES else 0


def _parameter(function: Node) -> Node | None:
    """The parameter that takes the element."""
    listed, single, position = field(function, "parameters"), field(function, "parameter"), position_of(function)
    given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else [single] if single is not None else []
    return (field(given[position], "pattern") or given[position]) if position < len(given) else None


def values_of(evaluator: Evaluator, place: Place, depth: int = 0) -> list[tuple[_Element, Place | Meaning]] | None:
    """(what is bound, what it is about) for every round: of an entry it is about the value. None where not all are known."""
    meaning = evaluator.meaning(place)
    method = "keys"
    if isinstance(meaning, Instance) and isinstance(meaning.of, Member):
        meaning, method = meaning.of.of, meaning.of.name
    elif isinstance(meaning, Instance) and meaning.of.key in _OF_OBJECTS and meaning.call is not None:
        method, given = _OF_OBJECTS[meaning.of.key], evaluator.arguments(meaning.call).get(0)
        meaning = evaluator.meaning(given) if isinstance(given, Place) else meaning
    entries = None
    if isinstance(meaning, Structure) and not meaning.is_list:
        entries = meaning.entries
    elif isinstance(meaning, Defined) and method in _OF_OBJECTS.values():
        entries = enum_members(meaning.place)
    if entries:
        if any(key.startswith("...") for key in entries):
            return None
        table: dict[str, list[tuple[_Element, Place | Meaning]]] = {
            "keys": [(Known(key), value) for key, value in entries.items()],
            "values": [(value, value) for value in entries.values()],
            "items": [((Known(key), value), value) for key, value in entries.items()],
        }
        return table.get(method)
    files = listed(evaluator, place)
    if files:
        return _modules(place, files)
    if isinstance(meaning, Structure) and any(key.startswith("...") for key in meaning.entries):
        laid_open = _laid_open(evaluator, meaning, depth)
        if laid_open is not None:
            return laid_open
    found = elements(evaluator, place)
    # What is no list is its own only element.
    return None if found.unknown or found.known == (place,) else [(value, value) for value in found.known]


def _laid_open(evaluator: Evaluator, literal: Structure, depth: int) -> list[tuple[_Element, Place | Meaning]] | None:
    """`[...Object.keys(handlers), "digest"]`: also what elements of their own could not be said of, the names of an object."""
    found: list[tuple[_Element, Place | Meaning]] = []
    for key, entry in literal.entries.items() if depth < _DEPTH else ():
        inner = values_of(evaluator, entry, depth + 1) if key.startswith("...") else [(entry, entry)]
        if inner is None:
            return None
        # A name among others is no more than that, whatever stands under it where it comes from.
        found += [(value, entry if isinstance(value, Known) else about) for value, about in inner]
    return found or None


def _modules(place: Place, files: list[tuple[str, str]]) -> list[tuple[_Element, Place | Meaning]]:
    """The files of a folder: by their names, or as the modules that a bundler puts in a record."""
    if "import.meta.glob" not in place.source.text(place.source.root):
        return [(Known(text), Namespace(path)) for text, path in files]
    pairs = {"Object.values": False, "Object.entries": True}
    ways = [both for name, both in pairs.items() if place.text.startswith(name)]
    return [((Known(t), Namespace(p)) if ways == [True] else Namespace(p) if ways else Known(t), Namespace(p)) for t, p in files]


def bind(evaluator: Evaluator, text: Callable[[Node], str], left: Node, value: _Element) -> _Round | None:
    """The names of a loop's target with what they stand for in one round; under 0 what a pattern takes apart."""
    if left.type == "identifier":
        return None if isinstance(value, tuple) else {text(left): value}
    if left.type == "object_pattern" and isinstance(value, Place):
        return {0: value}
    return _apart(evaluator, text, left, value)


def _apart(evaluator: Evaluator, text: Callable[[Node], str], left: Node, value: _Element) -> _Round | None:
    if left.type == "identifier":
        return None if isinstance(value, tuple) else {text(left): value}
    if left.type == "object_pattern" and not isinstance(value, tuple):
        meaning = evaluator.meaning(value) if isinstance(value, Place) else value
        return {name: _member(evaluator, meaning, path) for name, path in pattern_names(text, left)}
    if left.type not in ("pattern_list", "tuple_pattern", "list_pattern", "array_pattern"):
        return None
    parts: Sequence[_Element] = value if isinstance(value, tuple) else _parts(evaluator, value)
    if len(parts) != len(left.named_children):
        return None
    bound: _Round = {}
    for target, part in zip(left.named_children, parts, strict=True):
        inner = _apart(evaluator, text, target, part)
        if inner is None:
            return None
        bound.update(inner)
    return bound


def _member(evaluator: Evaluator, meaning: Meaning, path: tuple[str, ...]) -> Meaning:
    for key in path:
        meaning = evaluator.member(meaning, key)
    return meaning


def _parts(evaluator: Evaluator, value: Place | Meaning) -> list[_Element]:
    """The elements of a tuple or list."""
    meaning = evaluator.meaning(value) if isinstance(value, Place) else value
    if not isinstance(meaning, Structure) or not meaning.is_list or any(key.startswith("...") for key in meaning.entries):
        return []
    return list(meaning.entries.values())
