"""A function that is made on the spot around one that was handed in: `def timed(): with metric: run()` runs what the caller said."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, Meaning, Place
from migrator.scanners.python.functions import decorators
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, walk
from migrator.syntax.tree import field as child

_WRAPS = frozenset(("functools.wraps", "functools.update_wrapper"))


def handed_function(evaluator: Evaluator, meaning: Meaning) -> Place | None:
    """The parameter of the function around it that a function runs; none where it does work of its own, or runs several.

    What it does besides, with what is not of the project, is a matter of how it is run: a lock, a metric, a context.
    """
    if not isinstance(meaning, Defined) or not meaning.place.source.is_python or meaning.place.node.type not in FUNCTIONS:
        return None
    place = meaning.place
    around = enclosing(place.node, FUNCTIONS)
    if around is None:
        return None
    for decorator in decorators(place.node):
        named = _wrapped(evaluator, Place(place.source, decorator.named_children[0], place.frame))
        if named is not None and _of(evaluator, place, named, around) is not None:
            return Place(place.source, named, place.frame)
    run = {name.text: name for name in _run(evaluator, place, around)}
    return Place(place.source, next(iter(run.values())), place.frame) if len(run) == 1 else None


def _wrapped(evaluator: Evaluator, decorator: Place) -> Node | None:
    """`run` of `@wraps(run)`."""
    called = callee_of(decorator.node) if decorator.node.type == "call" else None
    if called is None or evaluator.of(decorator.source, called).key not in _WRAPS:
        return None
    arguments = child(decorator.node, "arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    return first if first is not None and first.type == "identifier" else None


def _run(evaluator: Evaluator, function: Place, around: Node) -> Iterator[Node]:
    """The parameters of the function around it that a function calls; nothing where it calls a function of the project."""
    found: list[Node] = []
    for node in walk(child(function.node, "body") or function.node, ("call",)):
        called = callee_of(node)
        if called is None:
            continue
        if called.type == "identifier" and _of(evaluator, function, called, around) is not None:
            found.append(called)
        elif isinstance(evaluator.of(function.source, called, function.frame), Defined):
            return
    yield from found


def _of(evaluator: Evaluator, function: Place, name: Node, around: Node) -> Binding | None:
    bound = evaluator.project.bindings(function.source.path).lookup(function.source.text(name), name)
    return bound[0] if len(bound) == 1 and bound[0].kind == "parameter" and bound[0].scope.id == around.id else None
