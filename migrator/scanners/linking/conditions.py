"""Is a piece of code reached at all, as far as reading can tell? `if (job.cron) schedule(job)` is not, for a job without one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.scanners.linking.compared import LITERALS, compared, handed, is_handed_in, may_be_spread, told_by_caller
from migrator.scanners.linking.settled import settled
from migrator.scanners.linking.values import Defined, External, Frame, Instance, Known, Meaning, Member, Place, Structure
from migrator.syntax.bindings import Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, ancestors, contains, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

_EQUAL = frozenset(("===", "==", "is"))
_UNEQUAL = frozenset(("!==", "!=", "is not"))
#: JavaScript has no other augmented assignment that gives a name something else than a number or text: `queue ??= mails`
_IF_MISSING = frozenset(("augmented_assignment_expression",))
_BRANCHING = frozenset(("if_statement",))
_IF = frozenset(("if_statement", "elif_clause", "ternary_expression"))
_OR_ELSE = frozenset(("binary_expression", "boolean_operator"))
_BLOCKS = frozenset(("statement_block", "block"))
LEAVES = frozenset(("continue_statement", "return_statement", "raise_statement", "throw_statement"))


def holds(evaluator: Evaluator, condition: Place) -> bool | None:
    """Whether a condition is true where it stands; None where that is not to be told."""
    node, source, frame = condition.node, condition.source, condition.frame
    if node.type == "parenthesized_expression" and node.named_children:
        return holds(evaluator, Place(source, node.named_children[0], frame))
    if node.type == "comparison_operator":
        return compared(evaluator, condition)
    if node.type == "not_operator":
        return _contrary(evaluator, condition)
    operator = field(node, "operator")
    if operator is None:
        return _truth(evaluator, condition)
    symbol, left, right = source.text(operator), field(node, "left"), field(node, "right")
    if symbol == "!":
        return _contrary(evaluator, condition)
    if left is None or right is None:
        return None
    a, b = Place(source, left, frame), Place(source, right, frame)
    if symbol in ("&&", "and", "||", "or"):
        decides = symbol in ("||", "or")
        sides = [holds(evaluator, side) for side in (a, b)]
        return decides if decides in sides else None if None in sides else not decides
    if symbol in _EQUAL | _UNEQUAL:
        known = [value for side in (a, b) if (value := _value(evaluator, side)) is not None]
        if len(known) == 1 and known[0].value is None and any(_is_made(evaluator, evaluator.meaning(side)) for side in (a, b)):
            return symbol in _UNEQUAL
        return None if len(known) < 2 else (known[0].value == known[1].value) == (symbol in _EQUAL)
    return None


def _contrary(evaluator: Evaluator, negation: Place) -> bool | None:
    """Whether `not x` holds."""
    argument = field(negation.node, "argument")
    inner = holds(evaluator, Place(negation.source, argument, negation.frame)) if argument is not None else None
    return None if inner is None else not inner


def reached(evaluator: Evaluator, place: Place) -> bool:
    """False if a condition around `place`, within its function, is known not to hold in the frame in which it is seen."""
    if place.frame is None:
        return True
    inner = place.node
    for outer in ancestors(inner):
        for condition, wanted in _conditions(place.source, outer, inner):
            if holds(evaluator, Place(place.source, condition, place.frame)) is (not wanted):
                return False
        if outer.type in FUNCTIONS and not _is_round(place.frame, outer):
            return True
        inner = outer
    return True


def only_if(binding: Binding) -> bool:
    """True for what is given to a name under a condition of the function that the name belongs to, or only where it has nothing yet."""
    if binding.kind != "value":
        return False
    around = takewhile(lambda outer: outer.id != binding.scope.id, ancestors(binding.node))
    return binding.node.type in _IF_MISSING or any(outer.type in _BRANCHING for outer in around) or _keeps_itself(binding)


def _keeps_itself(binding: Binding) -> bool:
    """True for `queue = queue ?? mails`."""
    left = field(binding.value, "left") if binding.value is not None and binding.value.type in _OR_ELSE else None
    return left is not None and left.text == binding.name.encode()


def _is_round(frame: Frame | None, function: Node) -> bool:
    """True for the function that is run for each element of a list."""
    while frame is not None:
        if frame.element is not None and frame.function.id == function.id:
            return True
        frame = frame.parent
    return False


def _conditions(source: Source, outer: Node, inner: Node) -> Iterator[tuple[Node, bool]]:
    """What must hold, or must not, for `inner` to be reached within `outer`."""
    condition = field(outer, "condition") if outer.type in _IF else None
    if condition is not None and condition.id != inner.id:
        consequence = field(outer, "consequence")
        yield condition, consequence is not None and contains(consequence, inner)
        for earlier in outer.named_children:
            if earlier.id == inner.id:
                return
            otherwise = field(earlier, "condition") if earlier.type == "elif_clause" else None
            if otherwise is not None:
                yield otherwise, False
    elif outer.type == "conditional_expression":
        sides = [c for c in outer.named_children if c.type != "comment"]
        if inner.id != sides[1].id:
            yield sides[1], inner.id == sides[0].id
    elif outer.type == "binary_expression":
        left, right, operator = field(outer, "left"), field(outer, "right"), field(outer, "operator")
        symbol = source.text(operator) if operator is not None else ""
        if left is not None and right is not None and right.id == inner.id and symbol in ("&&", "||"):
            yield left, symbol == "&&"
    elif outer.type in _BLOCKS:
        for statement in outer.named_children:
            if statement.id == inner.id:
                return
            condition = field(statement, "condition") if statement.type == "if_statement" else None
            if condition is not None and _leaves(field(statement, "consequence")):
                yield condition, False


def _leaves(statement: Node | None) -> bool:
    """True for a statement that ends the round or the function."""
    if statement is None:
        return False
    inner = [c for c in statement.named_children if c.type != "comment"] if statement.type in _BLOCKS else [statement]
    return bool(inner) and inner[-1].type in LEAVES


def _truth(evaluator: Evaluator, place: Place) -> bool | None:
    meaning = evaluator.meaning(place)
    if place.source.is_python:
        if place.node.type not in LITERALS and (may_be_spread(evaluator, place) or not told_by_caller(evaluator, place)):
            return None
        if isinstance(meaning, Known) and is_handed_in(evaluator, place):
            given = handed(evaluator, place)
            return bool(given.value) if isinstance(given, Known) else None
    match meaning:
        case Known():
            return bool(meaning.value) if place.source.is_python or settled(evaluator, place) else None
        case Structure() | Defined():
            return True
        case Instance() if meaning.call is not None and isinstance(meaning.of, Defined):
            return True
        case Instance() if _is_made(evaluator, meaning):
            return True
        case Member():
            return False if _missing(meaning) or _left_out(evaluator, place) else None
        case _:
            return False if _left_out(evaluator, place) else None


def _is_made(evaluator: Evaluator, meaning: Meaning) -> bool:
    """True for an object of which it is known where it is made: a queue, a client, a job. What a function gives may be nothing."""
    if not isinstance(meaning, Instance) or not evaluator.notable(meaning.key):
        return False
    made = meaning.of.path[-1] if isinstance(meaning.of, External) else ""
    return meaning.decorated is not None or (meaning.call is not None and made[:1].isupper())


def _left_out(evaluator: Evaluator, place: Place) -> bool:
    """True for `options` and `options?.daily` where the call that is looked at hands over no `options`, and there is no default."""
    node = place.node
    while node.type == "member_expression" and (owner := field(node, "object")) is not None:
        node = owner
    if node.type != "identifier" or place.source.is_python:
        return False
    bound = evaluator.project.bindings(place.source.path).lookup(place.source.text(node), node)
    if len(bound) != 1 or bound[0].kind != "parameter" or bound[0].path or bound[0].value is not None:
        return False
    frame = place.frame
    while frame is not None and frame.function.id != bound[0].scope.id:
        frame = frame.parent
    if frame is None or frame.site is None:
        return False
    return bound[0].index not in frame.arguments and not any(isinstance(key, str) for key in frame.arguments)


def _value(evaluator: Evaluator, place: Place) -> Known | None:
    """The literal that `place` stands for; an entry that an object does not have is none."""
    operand = field(place.node, "argument") if place.text.startswith("typeof ") else None
    if operand is not None:
        kind = _kind(evaluator, Place(place.source, operand, place.frame))
        return Known(kind) if kind else None
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Known):
        return meaning if place.source.is_python or settled(evaluator, place) else None
    return Known(None) if isinstance(meaning, Member) and _missing(meaning) else None


def _kind(evaluator: Evaluator, place: Place) -> str:
    """What `typeof` says; empty where that cannot be told."""
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Known):
        kinds: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "number"), (float, "number"), (str, "string"))
        return next((name for kind, name in kinds if isinstance(meaning.value, kind)), "")
    if isinstance(meaning, Defined):
        return "function"
    return "object" if isinstance(meaning, Structure) else "undefined" if isinstance(meaning, Member) and _missing(meaning) else ""


def _missing(member: Member) -> bool:
    """True for an entry that an object literal does not have. One with spreads may have it; one without entries is filled later."""
    owner = member.of
    if not isinstance(owner, Structure) or owner.is_list or not owner.entries:
        return False
    return not any(key.startswith("...") for key in owner.entries)
