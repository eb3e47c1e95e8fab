"""What `functools.reduce(or_, things)` makes of Python objects: the same as `a | b | …` written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from migrator.scanners.linking.values import Defined, Instance, Meaning, Member, Place, Unknown
from migrator.syntax.tree import field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

REDUCE = "functools.reduce"
_OR = frozenset(("operator.or_", "operator.__or__", "operator.ior"))
_COMPREHENSIONS = frozenset(("list_comprehension", "generator_expression"))


def reduced(evaluator: Evaluator, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning | None:
    """What a call of `reduce` gives that joins with `|`; None where it does something else. `place`: that call."""
    function, listed = arguments.get(0), arguments.get(1)
    if not isinstance(function, Place) or not isinstance(listed, Place) or not _joins(evaluator.meaning(function)):
        return None
    for joined in _parts(evaluator, listed):
        if isinstance(joined, Instance) and evaluator.notable(joined.key):
            return Instance(Member(joined, "__or__"), place)
    whole = evaluator.meaning(listed)
    return whole if isinstance(whole, Unknown) else Unknown("what reduce joins")


def _joins(function: Meaning) -> bool:
    """True for `or_` and for `lambda a, b: a | b`."""
    if not isinstance(function, Defined):
        return function.key in _OR
    body = field(function.place.node, "body") if function.place.node.type == "lambda" else None
    operator = field(body, "operator") if body is not None and body.type == "binary_operator" else None
    return operator is not None and operator.text == b"|"


def _parts(evaluator: Evaluator, listed: Place) -> Iterator[Meaning]:
    """What is known of the things that are joined; in a comprehension what each of them is."""
    # Imported here because lists are read with the evaluator that asks this.
    from migrator.scanners.linking.elements import elements
    from migrator.scanners.linking.fills import fills_of

    body = field(listed.node, "body") if listed.node.type in _COMPREHENSIONS else None
    if body is not None:
        yield evaluator.of(listed.source, body, listed.frame)
        return
    yield from (evaluator.meaning(each) for each in elements(evaluator, listed).known)
    yield from (evaluator.meaning(fill.value) for fill in fills_of(evaluator, listed))
