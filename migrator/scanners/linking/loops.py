"""The rounds of a loop over something known: one frame for each, in which the loop's names stand for its elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.evaluate import Evaluator
from migrator.scanners.linking.values import Frame, Instance, Known, Meaning, Member, Place, Structure
from migrator.syntax.tree import FUNCTIONS, ancestors, field

#: the nodes that bind a loop's names in Python
_LOOPS = ("for_statement", "for_in_clause")
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
#: an element of what is looped over; a pair is an entry of a dictionary
_Element = Place | Meaning | tuple[Meaning, Place]
_Round = dict[int | str, Place | Meaning]


def rounds(evaluator: Evaluator, place: Place) -> list[Frame]:
    """A frame for each time that the loops around `place` reach it; empty outside of loops, or if a loop's elements are not all known.

    Only `for` loops and comprehensions of Python, within the function around `place`.
    """
    frames: list[Frame | None] = [place.frame]
    loops = list(_loops(place.node))
    for loop in reversed(loops):
        following: list[Frame | None] = []
        for frame in frames:
            each = _each(evaluator, place, loop, frame)
            if each is None:
                return []
            following += [Frame(loop, bound, None, frame) for bound in each]
        frames = following
    return [f for f in frames if f is not None] if loops else []


def _loops(node: Node) -> Iterator[Node]:
    """Loops around a node, innermost first."""
    for ancestor in ancestors(node):
        if ancestor.type in FUNCTIONS:
            return
        if ancestor.type == "for_statement":
            yield ancestor
        elif ancestor.type in _COMPREHENSIONS:
            yield from reversed([c for c in ancestor.named_children if c.type == "for_in_clause"])


def _each(evaluator: Evaluator, place: Place, loop: Node, frame: Frame | None) -> list[_Round] | None:
    left, right = field(loop, "left"), field(loop, "right")
    if left is None or right is None:
        return None
    values = _values(evaluator, Place(place.source, right, frame))
    if values is None:
        return None
    bound = [_bind(evaluator, place.source.text, left, value) for value in values]
    return None if None in bound else [names for names in bound if names is not None]


def _values(evaluator: Evaluator, place: Place) -> list[_Element] | None:
    """What the loop goes over, element by element; None where that is not wholly known."""
    meaning = evaluator.meaning(place)
    method = "keys"
    if isinstance(meaning, Instance) and isinstance(meaning.of, Member):
        meaning, method = meaning.of.of, meaning.of.name
    if isinstance(meaning, Structure) and not meaning.is_list:
        if any(key.startswith("...") for key in meaning.entries):
            return None
        table: dict[str, list[_Element]] = {
            "keys": [Known(key) for key in meaning.entries],
            "values": [*meaning.entries.values()],
            "items": [(Known(key), value) for key, value in meaning.entries.items()],
        }
        return table.get(method)
    found = elements(evaluator, place)
    # What is no list is its own only element.
    return None if found.unknown or found.known == (place,) else list(found.known)


def _bind(evaluator: Evaluator, text: Callable[[Node], str], left: Node, value: _Element) -> _Round | None:
    """The names of a loop's target with what they stand for in one round."""
    if left.type == "identifier":
        return None if isinstance(value, tuple) else {text(left): value}
    if left.type not in ("pattern_list", "tuple_pattern", "list_pattern"):
        return None
    parts: Sequence[_Element] = value if isinstance(value, tuple) else _parts(evaluator, value)
    if len(parts) != len(left.named_children):
        return None
    bound: _Round = {}
    for target, part in zip(left.named_children, parts, strict=True):
        inner = _bind(evaluator, text, target, part)
        if inner is None:
            return None
        bound.update(inner)
    return bound


def _parts(evaluator: Evaluator, value: Place | Meaning) -> list[_Element]:
    """The elements of a tuple or list."""
    meaning = evaluator.meaning(value) if isinstance(value, Place) else value
    if not isinstance(meaning, Structure) or not meaning.is_list or any(key.startswith("...") for key in meaning.entries):
        return []
    return list(meaning.entries.values())
