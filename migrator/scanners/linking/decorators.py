"""Functions and classes, and what their decorators make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.values import (
    Defined,
    Frame,
    Instance,
    Meaning,
    Place,
)
from migrator.syntax.source import Source
from migrator.syntax.tree import field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


def definition(evaluator: Evaluator, source: Source, node: Node, frame: Frame | None = None) -> Meaning:
    """A function or class, and what its decorators make of it."""
    name = field(node, "name")
    meaning: Meaning = Defined(Place(source, node, frame), source.text(name) if name is not None else "")
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return meaning
    whole = Place(source, parent, frame)
    for decorator in reversed([c for c in parent.named_children if c.type == "decorator"]):
        meaning = _decorated(evaluator, whole, Place(source, decorator.named_children[0], frame), meaning)
    return meaning


def _decorated(evaluator: Evaluator, whole: Place, decorator: Place, inner: Meaning) -> Meaning:
    result = evaluator.apply(evaluator.meaning(decorator), decorator, {0: inner})
    # What makes it is the call inside a function of the tree, if one stands behind the decorator.
    call = result.call if isinstance(result, Instance) and result.call is not decorator else None
    while isinstance(result, Instance) and isinstance(result.of, Instance) and result.decorated is None:
        result = result.of
        call = result.call
    if not isinstance(result, Instance) or not evaluator.notable(result.key):
        return inner
    symbol = f"{whole.source.path}:{class_name(whole.source, field(whole.node, 'definition'))}"
    return Instance(result.of, call or (decorator if decorator.node.type == "call" else None), whole, symbol, result.prepared)


def class_name(source: Source, node: Node | None) -> str:
    """The name of a class or function definition, empty for an anonymous one."""
    name = field(node, "name")
    return source.text(name) if name is not None else ""
