"""The objects that a list is made of, seen with what the function handed to `map` was given: `jobs.map((job) => ({ url: job.url }))`."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.scanners.linking import UNKNOWN, Defined, Evaluator, External, Instance, Meaning, Member, Place, Structure
from migrator.scanners.linking.literals import return_values
from migrator.scanners.typescript.objects import last_name
from migrator.syntax.tree import FUNCTIONS, enclosing, field, name_of, walk

#: lists of lists of lists are left
_DEPTH = 4
_MAPS = frozenset(("map", "flatMap"))
_SAME = frozenset(("filter", "slice", "reverse", "sort", "concat", "flat", "toSorted"))


def mapped(evaluator: Evaluator, place: Place | None) -> list[Place]:
    """The elements of a list that are objects, as far as the tree tells them; a single object counts as a list of itself."""
    if place is None:
        return []
    place = evaluator.origin(place)
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Structure) and meaning.is_list and not meaning.entries and place.node.type == "identifier":
        return [one for pushed in _pushed(place) for one in _of(evaluator, evaluator.meaning(pushed), _DEPTH)]
    return list(_of(evaluator, meaning, _DEPTH))


def _pushed(place: Place) -> Iterator[Place]:
    """What is pushed onto a list in the function around it."""
    function = enclosing(place.node, FUNCTIONS) or place.source.root
    while name_of(function) is None and function.parent is not None:
        function = enclosing(function, FUNCTIONS) or place.source.root
    for call in walk(function, ("call_expression",)):
        callee, arguments = field(call, "function"), field(call, "arguments")
        owner, method = field(callee, "object"), field(callee, "property")
        if owner is None or method is None or arguments is None or method.text != b"push" or owner.text != place.node.text:
            continue
        for given in arguments.named_children:
            if given.type != "comment":
                yield Place(place.source, given.named_children[0] if given.type == "spread_element" else given, place.frame)


def _of(evaluator: Evaluator, meaning: Meaning, depth: int) -> Iterator[Place]:
    if isinstance(meaning, Structure):
        if not meaning.is_list:
            yield meaning.place
            return
        for entry in meaning.entries.values() if depth else ():
            yield from _of(evaluator, evaluator.meaning(entry), depth - 1)
        return
    if not isinstance(meaning, Instance) or meaning.call is None or not isinstance(meaning.of, Member | External) or not depth:
        return
    method = last_name(meaning.of)
    owner = meaning.of.of if isinstance(meaning.of, Member) else UNKNOWN
    if method in _SAME:
        yield from _of(evaluator, owner, depth - 1)
    elif method in _MAPS:
        given = evaluator.arguments(meaning.call).get(0)
        each = evaluator.meaning(given) if isinstance(given, Place) else None
        if isinstance(each, Defined) and each.place.node.type in FUNCTIONS:
            listed = list(_of(evaluator, owner, depth - 1))
            for element in listed or [None]:
                frame = evaluator.enter(each, {0: element} if element is not None else {})
                for value in return_values(each.place.node):
                    yield from _of(evaluator, evaluator.meaning(Place(each.place.source, value, frame)), depth - 1)
