"""What a comparison of Python says of what a caller hands over: `if cron is not None: scheduler.cron(…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.scanners.linking.names import given_to
from migrator.scanners.linking.values import Defined, Known, Place, Structure
from migrator.syntax.bindings import Binding
from migrator.syntax.tree import callee_of, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_SAME = frozenset(("is", "=="))
_OTHER = frozenset(("is not", "!="))
LITERALS = frozenset(("none", "true", "false", "integer", "float", "string"))
_CALLS = frozenset(("call", "await"))
#: what a caller may hand over without saying what is in it: `schedule(job, **options)`
_SPREAD = frozenset(("*", "**"))


def compared(evaluator: Evaluator, comparison: Place) -> bool | None:
    """Whether a comparison of two sides holds; None where that is not to be told.

    Only literals and what callers hand over count: what a setting says where the code was read may be another thing where it runs.
    """
    sides = [n for n in comparison.node.named_children if n.type != "comment"]
    symbol = " ".join(comparison.source.text(n) for n in comparison.node.children if not n.is_named)
    if len(sides) != 2 or symbol not in _SAME | _OTHER:
        return None
    left, right = (handed(evaluator, Place(comparison.source, side, comparison.frame)) for side in sides)
    if left is None or right is None:
        return None
    if isinstance(left, Known) and isinstance(right, Known):
        return (left.value == right.value) == (symbol in _SAME)
    # An object is none of the literals; of two objects nobody knows whether they are one.
    return symbol in _OTHER if isinstance(left, Known) or isinstance(right, Known) else None


def may_be_spread(evaluator: Evaluator, place: Place) -> bool:
    """True for a parameter that the caller does not name, but may give with what it spreads."""
    parameter = _parameter(evaluator, place)
    if parameter is None or place.frame is None or given_to(parameter, place.frame) is not None:
        return False
    frame = place.frame
    while frame.parent is not None and frame.function.id != parameter.scope.id:
        frame = frame.parent
    return not _SPREAD.isdisjoint(frame.arguments.keys())


def is_handed_in(evaluator: Evaluator, place: Place) -> bool:
    """True for a parameter, also one that is given something else on the way."""
    bound = evaluator.project.bindings(place.source.path).lookup(place.text, place.node) if place.node.type == "identifier" else []
    return any(binding.kind == "parameter" for binding in bound)


def told_by_caller(evaluator: Evaluator, place: Place, depth: int = 4) -> bool:
    """True for what hangs on a parameter or on an item of a loop: `job.cron`, `options.get("at")`, and names that are given such a thing.

    A constant and a setting say what they are where the code was read: another file of settings, or the environment, may say another thing.
    """
    node, source = place.node, place.source
    match node.type:
        case "attribute" | "subscript":
            owner = field(node, "object") or field(node, "value")
        case "call":
            called = callee_of(node)
            name = field(called, "attribute")
            # What another function gives is one of several things that it may return.
            owner = field(called, "object") if name is not None and name.text == b"get" else None
        case "parenthesized_expression":
            owner = node.named_children[0] if node.named_children else None
        case "identifier":
            bound = evaluator.project.bindings(source.path).lookup(source.text(node), node)
            values = [b.value for b in bound if b.kind == "value" and b.value is not None]
            return any(b.kind in ("parameter", "item") for b in bound) or (
                depth > 0 and any(told_by_caller(evaluator, Place(source, value, place.frame), depth - 1) for value in values)
            )
        case _:
            return False
    return owner is not None and told_by_caller(evaluator, Place(source, owner, place.frame), depth)


def handed(evaluator: Evaluator, place: Place) -> Known | Structure | Defined | None:
    """A literal, a list or dictionary, or a function of the tree that a caller hands over; none where nothing is certain."""
    if place.node.type in LITERALS:
        literal = evaluator.meaning(place)
        return literal if isinstance(literal, Known) else None
    parameter = _parameter(evaluator, place)
    if parameter is None or place.frame is None or may_be_spread(evaluator, place):
        return None
    given = given_to(parameter, place.frame)
    if given is None:
        default = parameter.value
        return handed(evaluator, Place(place.source, default)) if default is not None and _is_entered(parameter, place) else None
    if isinstance(given, Place) and (given.node.type in LITERALS or _parameter(evaluator, given) is not None):
        return handed(evaluator, given)
    if isinstance(given, Place) and _is_answer(evaluator, given):
        return None
    meaning = evaluator.meaning(given) if isinstance(given, Place) else given
    # Nothing at all may be but what stands here, and given elsewhere: a name that is filled later.
    return meaning if isinstance(meaning, Structure | Defined) or (isinstance(meaning, Known) and meaning.value is not None) else None


def _is_answer(evaluator: Evaluator, place: Place) -> bool:
    """True for what a function gave: of several things that it may return, what can be told is but one."""
    if place.node.type != "identifier":
        return place.node.type in _CALLS
    bound = evaluator.project.bindings(place.source.path).lookup(place.text, place.node)
    return any(binding.kind == "value" and binding.value is not None and binding.value.type in _CALLS for binding in bound)


def _parameter(evaluator: Evaluator, place: Place) -> Binding | None:
    """The parameter that a name stands for, if nothing else is ever given to that name."""
    if place.node.type != "identifier":
        return None
    bound = evaluator.project.bindings(place.source.path).lookup(place.text, place.node)
    return bound[0] if len(bound) == 1 and bound[0].kind == "parameter" and not bound[0].path else None


def _is_entered(parameter: Binding, place: Place) -> bool:
    """True if it is known what call the function of the parameter was entered by."""
    frame = place.frame
    while frame is not None and frame.function.id != parameter.scope.id:
        frame = frame.parent
    return frame is not None and frame.handed
