"""Functions of the project that are handed to others, which call them: `notify({ enqueue })`, where that does `enqueue("mail")`.

The call within `notify` is one of `enqueue` for whoever hands that in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from migrator.scanners.linking import Defined, Frame, Instance, Place, Structure
from migrator.scanners.linking.calls import handed_of
from migrator.scanners.linking.live_names import LiveNames
from migrator.scanners.reading import Call
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child

#: through how many functions one is handed on
_DEPTH = 3
_CALLS = ("call", "call_expression")


def hands_on(call: Node, live: LiveNames) -> bool:
    """True if a live name, or a function in which one stands, is handed to a call as such or in an object."""
    given = child(call, "arguments")
    if given is None or not live.within(given):
        return False
    return any(_is_value(node) and live.within(node) for node in _values(given))


def uses_of_handed(site: Call, callee: Defined, depth: int = _DEPTH) -> Iterator[tuple[Call, Defined]]:
    """(call, function) of every call within `callee` of a function that the caller at `site` hands in."""
    evaluator = site.view.evaluator
    arguments = handed_of(site.inner)
    handed = {function.place.node.id for value in arguments.values() if isinstance(value, Place) for function in _functions(site, value)}
    if not handed or not depth:
        return
    source, function = callee.place.source, callee.place.node
    frame = replace(evaluator.enter(callee, arguments), site=site.inner)
    view = replace(site.view, source=source)
    names = _names(function)
    for node in walk(function, _CALLS):
        called = callee_of(node)
        if called is None:
            continue
        root = next(walk(called, ("identifier",)), None)
        given = child(node, "arguments")
        if root is not None and root.text in names:
            meaning = evaluator.of(source, called, frame)
            if isinstance(meaning, Defined) and meaning.place.node.id in handed:
                name = child(called, "property") or child(called, "attribute") or called
                yield Call(view, node, meaning, meaning.key, name, Place(source, node, frame)), meaning
        elif given is not None and any(v.text in names for v in _values(given)):
            further = evaluator.of(source, called, frame)
            if isinstance(further, Defined) and further.place.node.type in FUNCTIONS and further.place.node.id != function.id:
                inner = Call(view, node, further, further.key, called, Place(source, node, frame))
                yield from uses_of_handed(inner, further, depth - 1)


def uses_of_kept(site: Call, made: Defined) -> Iterator[tuple[Call, Defined]]:
    """(call, function) of every call on `this` within a class of a function that the caller at `site` hands to its constructor."""
    evaluator = site.view.evaluator
    handed = {f.place.node.id for value in site.arguments.values() for f in _functions(site, value)}
    source = made.place.source
    for node in walk(made.place.node, _CALLS) if handed else ():
        called, around = callee_of(node), enclosing(node, FUNCTIONS)
        root = next(walk(called, ("this", "identifier")), None) if called is not None else None
        if called is None or root is None or around is None or root.text not in (b"this", b"self"):
            continue
        frame = Frame(around, {}, Instance(made, site.inner))
        meaning = evaluator.of(source, called, frame)
        if isinstance(meaning, Defined) and meaning.place.node.id in handed:
            name = child(called, "property") or child(called, "attribute") or called
            yield Call(replace(site.view, source=source), node, meaning, meaning.key, name, Place(source, node, frame)), meaning


def _functions(site: Call, value: Place) -> Iterator[Defined]:
    """The functions of the project that an argument is, or that an object has for entries."""
    meaning = site.view.evaluator.meaning(value)
    entries = meaning.entries.values() if isinstance(meaning, Structure) and not meaning.is_list else ()
    for each in (meaning, *map(site.view.evaluator.meaning, entries)):
        if isinstance(each, Defined) and each.place.node.type in FUNCTIONS:
            yield each


def _names(function: Node) -> set[bytes | None]:
    """The names that stand in the parameters of a function."""
    listed = child(function, "parameters") or child(function, "parameter")
    kinds = ("identifier", "shorthand_property_identifier_pattern")
    return {node.text for node in walk(listed, kinds)} if listed is not None else set()


def _values(given: Node) -> Iterator[Node]:
    """What is handed over as such, by keyword, or as an entry of an object."""
    for node in given.named_children:
        if node.type == "object":
            yield from (child(entry, "value") or entry for entry in node.named_children)
        else:
            yield child(node, "value") or node if node.type == "keyword_argument" else node


def _is_value(node: Node) -> bool:
    if node.type in ("identifier", "shorthand_property_identifier"):
        return True
    entry = node.parent is not None and node.parent.type in ("pair", "object")
    return entry and node.type in ("arrow_function", "function_expression", "method_definition")
