"""The loops in which jobs are put on their way, also those that only make the list which is handed over at once."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence
from migrator.rules.loop_nests import Loop, loops_of, loops_within
from migrator.scanners.bodies import Reached
from migrator.scanners.reading import View
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field, walk
from migrator.systems import SYSTEMS

_CALLS = ("call", "call_expression")
#: methods of a list that put something into it
_PUTS = frozenset((b"push", b"append"))
#: methods that make a list out of another, an element of each
_MAKES = frozenset((b"map", b"flatMap"))


class Fanned(msgspec.Struct, frozen=True):
    """An enqueue with the loops over many around it, the outermost one first, on the longest way that leads to it."""

    enqueue: Enqueue
    view: View
    loops: tuple[Loop, ...]


def fanned(evidence: Evidence) -> Iterator[Fanned]:
    """Every enqueue of production code that stands in a loop over many, or takes a list that is made in one."""
    placed: dict[tuple[str, int, int], Enqueue] = {}
    for item in evidence.inventory.items:
        if isinstance(item, Enqueue) and not item.area and item.call is not None:
            placed[item.location.path, item.call.start, item.call.end] = item
    found: dict[tuple[str, int, int], Fanned] = {}
    for job in evidence.jobs:
        for call in evidence.calls(job):
            where = (call.view.source.path, call.node.start_byte, call.node.end_byte)
            if where in placed:
                _keep(found, where, Fanned(placed[where], call.view, _loops(placed[where], call)))
    for where, enqueue in placed.items():
        node = evidence.node(enqueue.location.path, enqueue.call) if where not in found and not enqueue.wrapper else None
        if node is not None and (enqueue.in_loop or _takes_many(enqueue)):
            view = evidence.bodies.view(enqueue.location.path)
            made = _made_at(view, node) if _takes_many(enqueue) else None
            _keep(found, where, Fanned(enqueue, view, loops_within(view, made or node, None)))
    yield from (each for each in found.values() if each.loops)


def _keep(found: dict[tuple[str, int, int], Fanned], where: tuple[str, int, int], fan: Fanned) -> None:
    if where not in found or len(found[where].loops) < len(fan.loops):
        found[where] = fan


def _takes_many(enqueue: Enqueue) -> bool:
    facts = SYSTEMS[enqueue.system]
    return enqueue.form in (*facts.bulk_forms, *facts.list_forms)


def _loops(enqueue: Enqueue, call: Reached) -> tuple[Loop, ...]:
    made = _made_at(call.view, call.node) if _takes_many(enqueue) else None
    return loops_of(call, made)


def _made_at(view: View, call: Node) -> Node | None:
    """Where an element of the list that a call is handed is made: in a function that `map` calls, or where it is pushed."""
    given = field(call, "arguments")
    for argument in given.named_children if given is not None else ():
        if argument.type == "identifier":
            node = _pushed(view, argument) or _mapped(_value_of(view, argument))
        else:
            node = _mapped(argument)
        if node is not None:
            return node
    return None


def _value_of(view: View, name: Node) -> Node | None:
    bound = next(iter(view.project.bindings(view.source.path).lookup(view.source.text(name), name)), None)
    return bound.value if bound is not None else None


def _pushed(view: View, name: Node) -> Node | None:
    """What is put into a list of this name, in the same function."""
    around = enclosing(name, FUNCTIONS)
    for call in walk(around or view.source.root, _CALLS):
        callee = callee_of(call)
        owner, method = field(callee, "object"), field(callee, "property") or field(callee, "attribute")
        if owner is not None and method is not None and owner.text == name.text and method.text in _PUTS:
            return call
    return None


def _mapped(expression: Node | None) -> Node | None:
    """What the innermost function of `xs.flatMap((x) => x.ys.map((y) => …))` gives."""
    if expression is None:
        return None
    made: Node | None = None
    for call in walk(expression, _CALLS):
        callee, given = callee_of(call), field(call, "arguments")
        method = field(callee, "property")
        if method is None or method.text not in _MAKES or given is None or not given.named_children:
            continue
        body = field(given.named_children[0], "body")
        made = body if body is not None and (made is None or made.start_byte <= body.start_byte < made.end_byte) else made
    return made
