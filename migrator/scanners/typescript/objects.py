"""The objects that an expression stands for: one, those of a list and what is pushed into it, what a function handed to `map` gives."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.scanners.linking import Defined, External, Instance, Known, Meaning, Member, Place, Structure
from migrator.scanners.linking.elements import options_of
from migrator.scanners.linking.fills import all_fills_of
from migrator.scanners.linking.literals import return_values
from migrator.scanners.linking.loops import rounds
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, callee_of, contains, enclosing
from migrator.syntax.tree import field as child

#: lists of lists of lists are left
_DEPTH = 3
#: methods that reorder, narrow or lengthen a list
_SAME = frozenset(("filter", "slice", "reverse", "sort", "toSorted", "toReversed", "flat", "concat"))


def objects(view: View, place: Place | None) -> tuple[Place, ...]:
    """The object literals, as far as the tree tells them; empty where it does not."""
    return tuple(each for each in _each(view, place, _DEPTH) if each is not None) if place is not None else ()


def last_name(meaning: Meaning) -> str:
    """The name of the member or of the outside value that a meaning is; empty for anything else."""
    return meaning.name if isinstance(meaning, Member) else meaning.path[-1] if isinstance(meaning, External) else ""


def objects_by(view: View, listed: Place | None, key: str) -> dict[str | None, dict[str, Place]]:
    """text under `key` -> the entries of every object of a list.

    Under None is one that has no such key, under the empty text one whose text, or of which all, is not told. What a function makes for
    each of a list is looked at once for each, where that tells the text.
    """
    evaluator = view.evaluator
    found: dict[str | None, dict[str, Place]] = {}
    for place in _each(view, listed, _DEPTH) if listed is not None else ():
        entries = evaluator.entries(place) if place is not None else {}
        text = evaluator.text(entries.get(key))
        frames = rounds(evaluator, place) if place is not None and not text and key in entries else []
        made = [evaluator.entries(msgspec.structs.replace(place, frame=frame)) for frame in frames] if place is not None else []
        for each in made or [entries]:
            without = bool(each) and key not in each and "..." not in each
            found[None if without else evaluator.text(each.get(key))] = each
    return found


def _each(view: View, place: Place, depth: int) -> Iterator[Place | None]:
    """The objects, and None for anything that may be some and is not told."""
    options = options_of(place)
    if options:
        for option in options:
            yield from _each(view, option, depth)
        return
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Structure) and not meaning.is_list:
        yield place
    elif isinstance(meaning, Structure) and depth:
        for entry in (*meaning.entries.values(), *_put_in(view, place)):
            yield from _each(view, entry, depth - 1)
    elif isinstance(meaning, Instance) and meaning.call is not None and depth:
        yield from _of_call(view, meaning, meaning.call, depth)
    elif meaning.key != "globalThis.undefined" and not (isinstance(meaning, Known) and not meaning.value):
        yield None


def _of_call(view: View, made: Instance, call: Place, depth: int) -> Iterator[Place | None]:
    """What methods of lists give: `users.map((user) => ({ … }))`, `Array.from(users, (user) => ({ … }))`, `some.concat(others)`."""
    given = [argument for argument in view.evaluator.arguments(call).values() if isinstance(argument, Place)]
    method, of = last_name(made.of), child(callee_of(call.node), "object")
    if made.of.key == "globalThis.Promise.all" and given:
        yield from _each(view, given[0], depth)
    elif made.of.key == "globalThis.Array.from" and given:
        yield from _made(view, given[1], depth) if len(given) > 1 else _each(view, given[0], depth)
    elif method in ("map", "flatMap") and given:
        yield from _made(view, given[0], depth)
    elif method in _SAME and isinstance(made.of, Member) and of is not None:
        yield from _each(view, Place(call.source, of, call.frame), depth)
        for added in given if method == "concat" else ():
            yield from _each(view, added, depth)
    else:
        yield None


def _made(view: View, function: Place, depth: int) -> Iterator[Place | None]:
    """What a function gives that is called for each of a list."""
    each = view.evaluator.meaning(function)
    if not isinstance(each, Defined) or each.place.node.type not in FUNCTIONS:
        yield None
        return
    for value in return_values(each.place.node):
        yield from _each(view, Place(each.place.source, value, each.place.frame), depth - 1)


def _put_in(view: View, listed: Place) -> Iterator[Place]:
    """What is put into a list after it was made: `jobs.push({ name: "welcome" })`."""
    for fill in all_fills_of(view.evaluator, listed):
        within = enclosing(listed.node, FUNCTIONS)
        # What the function around both is handed is the same for both.
        same = fill.source is listed.source and within is not None and contains(within, fill.node)
        yield msgspec.structs.replace(fill.value, frame=listed.frame) if same else fill.value
