"""What a function that is handed over is handed in turn: the client in `withBoss(async (boss) => boss.send("mail"))`.

The function that is called says so in the type of its parameter, or by what it calls that with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.choosing import foreign
from migrator.scanners.linking.values import UNKNOWN, Defined, Meaning, Place, Unknown
from migrator.syntax.bindings import Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, field, walk
from migrator.syntax.typescript_bindings import parameters

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


def called_with(function: Node) -> Node | None:
    """The name of what is called with a function that is written in its call; None for any other function."""
    arguments = function.parent
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    called = field(call, "function")
    return called if called is not None and called.type == "identifier" else None


def handed_back(evaluator: Evaluator, source: Source, binding: Binding) -> Meaning:
    """What a parameter of a function of TypeScript or JavaScript stands for that is written in a call of another one by its name."""
    arguments, called = binding.scope.parent, called_with(binding.scope)
    callee = evaluator.of(source, called) if called is not None and not binding.path else None
    if arguments is None or not isinstance(callee, Defined) or callee.place.node.type not in FUNCTIONS:
        return UNKNOWN
    position = [c.id for c in arguments.named_children if c.type != "comment"].index(binding.scope.id)
    taken = next((p for p in parameters(callee.place.source, callee.place.node) if p.index == position and not p.path), None)
    found = _told(evaluator, callee.place, taken, binding.index) if taken is not None else UNKNOWN
    return UNKNOWN if foreign(found, evaluator.notable) else found


def _told(evaluator: Evaluator, function: Place, taken: Binding, index: int) -> Meaning:
    """What `function` hands at a position to what it is handed as `taken`: by what it calls that with, else by its type."""
    source = function.source
    for call in walk(function.node, ("call_expression",)):
        callee, listed = field(call, "function"), field(call, "arguments")
        given = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
        if callee is not None and callee.type == "identifier" and source.text(callee) == taken.name and index < len(given):
            meaning = evaluator.of(source, given[index])
            if not isinstance(meaning, Unknown):
                return meaning
    return _by_type(evaluator, source, taken.annotation, index) if taken.annotation is not None else UNKNOWN


def _by_type(evaluator: Evaluator, source: Source, annotation: Node, index: int) -> Meaning:
    from migrator.scanners.linking.names import typed

    said = next(walk(annotation, ("function_type",)), None)
    listed = field(said, "parameters")
    each = [c for c in listed.named_children if c.type != "comment"] if listed is not None else []
    kind = field(each[index], "type") if index < len(each) else None
    return typed(evaluator, Place(source, kind)) if kind is not None else UNKNOWN
