"""Where the constructs of a project are made: `new ScheduledJob(this, "mail", { schedule })`, whose own code makes the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Place
from migrator.scanners.linking.loops import rounds
from migrator.scanners.reading import Call
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, enclosing, field, name_of

_CALLS = ("call", "call_expression", "new_expression")
_CONSTRUCTORS = ("constructor", "__init__")


def sites(found: Found, call: Call, is_open: bool) -> list[Call]:
    """The call as each maker of the construct, or caller of the function, around it makes it; itself where it tells all, or nobody does."""
    function = enclosing(call.inner.node, FUNCTIONS) if is_open else None
    while function is not None and name_of(function) is None:
        function = enclosing(function, FUNCTIONS)
    seen = (list(_made(found, call, function)) if function is not None else []) or [call]
    return [each for site in seen for each in _rounds(site)] if is_open else seen


def _rounds(call: Call) -> list[Call]:
    """One call for each round of the loops around it that are over something known."""
    frames = rounds(call.view.evaluator, call.inner)
    return [replace(call, inner=msgspec.structs.replace(call.inner, frame=frame)) for frame in frames] or [call]


def _made(found: Found, call: Call, function: Node) -> Iterator[Call]:
    source = call.inner.source
    owner = enclosing(function, CLASSES)
    named = name_of(owner) if owner is not None else name_of(function)
    if named is None:
        return
    title = source.text(named)
    for view in found.views:
        if title.encode() not in view.source.data or view.area:
            continue
        for node in view.source.nodes(*_CALLS):
            callee = callee_of(node)
            # What is called may have the name behind a dot, or have been renamed: the rest is looked into all the same.
            meaning = view.evaluator.of(view.source, callee) if callee is not None else None
            if not isinstance(meaning, Defined) or meaning.place.node.id != (owner or function).id:
                continue
            this = Instance(meaning, view.place(node)) if owner is not None else None
            constructor = Defined(Place(source, function, meaning.place.frame), title, this)
            if owner is not None and source.text(name_of(function) or function) not in _CONSTRUCTORS:
                continue
            frame = view.evaluator.enter(constructor, view.evaluator.arguments(view.place(node)))
            name = field(callee, "property") or field(callee, "attribute") or callee or node
            inner = Place(source, call.inner.node, frame)
            yield replace(call, view=view, node=node, name=name, inner=inner, via=(title, *call.via))
        view.source.forget()
