"""The objects that an expression stands for: one, those of a list and what is pushed into it, what a function handed to `map` gives."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.scanners.linking import Defined, External, Instance, Meaning, Member, Place, Structure
from migrator.scanners.linking.fills import all_fills_of
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, contains, enclosing

#: lists of lists of lists are left
_DEPTH = 3


def objects(view: View, place: Place | None) -> tuple[Place, ...]:
    """The object literals, as far as the tree tells them; empty where it does not."""
    return tuple(_each(view, place, _DEPTH)) if place is not None else ()


def last_name(meaning: Meaning) -> str:
    """The name of the member or of the outside value that a meaning is; empty for anything else."""
    return meaning.name if isinstance(meaning, Member) else meaning.path[-1] if isinstance(meaning, External) else ""


def _each(view: View, place: Place, depth: int) -> Iterator[Place]:
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Structure):
        if not meaning.is_list:
            yield place
        elif depth:
            for entry in (*meaning.entries.values(), *_put_in(view, place)):
                yield from _each(view, entry, depth - 1)
    elif isinstance(meaning, Instance) and last_name(meaning.of) in ("map", "flatMap") and meaning.call is not None and depth:
        made = view.evaluator.arguments(meaning.call).get(0)
        each = view.evaluator.meaning(made) if isinstance(made, Place) else None
        if isinstance(each, Defined) and each.place.node.type in FUNCTIONS:
            for value in return_values(each.place.node):
                yield from _each(view, Place(each.place.source, value, each.place.frame), depth - 1)


def _put_in(view: View, listed: Place) -> Iterator[Place]:
    """What is put into a list after it was made: `jobs.push({ name: "welcome" })`."""
    for fill in all_fills_of(view.evaluator, listed):
        within = enclosing(listed.node, FUNCTIONS)
        # What the function around both is handed is the same for both.
        same = fill.source is listed.source and within is not None and contains(within, fill.node)
        yield msgspec.structs.replace(fill.value, frame=listed.frame) if same else fill.value
