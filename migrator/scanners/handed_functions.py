"""Functions of the project that are handed to others, which call them: `notify({ enqueue })`, where that does `enqueue("mail")`.

The call within `notify` is one of `enqueue` for whoever hands that in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from migrator.scanners.linking import Defined, Frame, Instance, Place
from migrator.scanners.linking.calls import handed_of
from migrator.scanners.linking.live_names import LiveNames
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child

#: through how many functions one is handed on
_DEPTH = 3
_CALLS = ("call", "call_expression")
#: what may name a function; in TypeScript a method that is handed on by itself has lost its object
_NAMES = ("identifier", "shorthand_property_identifier", "attribute")

#: (path, first byte) of a function
Key = tuple[str, int]


def hands_on(call: Node, live: LiveNames) -> bool:
    """True if a live name, or a function in which one stands, is handed to a call as such or in an object."""
    given = child(call, "arguments")
    if given is None or not live.within(given):
        return False
    return any(_is_value(node) and live.within(node) for node in _values(given))


def handed_in(site: Call) -> frozenset[Key]:
    """The functions of the project that a call hands over as such, or in an object."""
    given = child(site.inner.node, "arguments")
    nodes = [node for node in _values(given) if _is_value(node)] if given is not None else []
    meanings = (site.view.evaluator.of(site.inner.source, node, site.inner.frame) for node in nodes)
    return frozenset(_key(each) for each in meanings if isinstance(each, Defined) and each.place.node.type in FUNCTIONS)


def uses_of_handed(site: Call, callee: Defined, handed: frozenset[Key], depth: int = _DEPTH) -> Iterator[tuple[Call, Defined]]:
    """(call, function) of every call of one of the functions `handed` that `callee` makes with what the caller at `site` hands in.

    Of a class those count that its methods make of what its constructor keeps.
    """
    if callee.place.node.type in CLASSES:
        yield from _of_kept(site, callee, handed)
        return
    evaluator, source, function = site.view.evaluator, callee.place.source, callee.place.node
    frame = replace(evaluator.enter(callee, handed_of(site.inner)), site=site.inner)
    view = replace(site.view, source=source)
    names = _names(function)
    for node in walk(function, _CALLS):
        called, given = callee_of(node), child(node, "arguments")
        root = next(walk(called, ("identifier",)), None) if called is not None else None
        if called is None:
            continue
        if root is not None and root.text in names:
            yield from _use(view, Place(source, node, frame), called, handed)
        elif depth and given is not None and any(value.text in names for value in _values(given)):
            further = evaluator.of(source, called, frame)
            inner = Call(view, node, further, further.key, called, Place(source, node, frame))
            known = further.place.node.type in (*FUNCTIONS, *CLASSES) if isinstance(further, Defined) else False
            if isinstance(further, Defined) and known and further.key != callee.key and handed & handed_in(inner):
                yield from uses_of_handed(inner, further, handed, depth - 1)


def _of_kept(site: Call, made: Defined, handed: frozenset[Key]) -> Iterator[tuple[Call, Defined]]:
    source = made.place.source
    view = replace(site.view, source=source)
    for node in walk(made.place.node, _CALLS):
        called, around = callee_of(node), enclosing(node, FUNCTIONS)
        root = next(walk(called, ("this", "identifier")), None) if called is not None else None
        if called is not None and root is not None and around is not None and root.text in (b"this", b"self"):
            yield from _use(view, Place(source, node, Frame(around, {}, Instance(made, site.inner))), called, handed)


def _use(view: View, call: Place, called: Node, handed: frozenset[Key]) -> Iterator[tuple[Call, Defined]]:
    """A call, if it is of one of those functions."""
    meaning = view.evaluator.of(call.source, called, call.frame)
    if isinstance(meaning, Defined) and _key(meaning) in handed:
        name = child(called, "property") or child(called, "attribute") or called
        yield Call(view, call.node, meaning, meaning.key, name, call), meaning


def _key(function: Defined) -> Key:
    return (function.place.source.path, function.place.node.start_byte)


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
    if node.type in _NAMES:
        return True
    entry = node.parent is not None and node.parent.type in ("pair", "object")
    return entry and node.type in ("arrow_function", "function_expression", "method_definition")
