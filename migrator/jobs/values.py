"""Values as written in code: a literal that we know, or an expression that we can only carry along.

Every quantity of the neutral model is in one unit (seconds, bytes, total executions; a higher priority runs sooner).
A literal is converted at once. An expression keeps its source text and remembers the conversion as `source * scale + offset`,
so that a writer can turn BullMQ's `delay: ms` into `ms / 1000` or leave it as `ms`, and `retries: n` into `n + 1`.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Literal(msgspec.Struct, frozen=True, tag="literal"):
    """A value known from the code: string, number, boolean, null, or a list or mapping of such."""

    value: Any


class Expression(msgspec.Struct, frozen=True, tag="expression"):
    """Source text in the file's own language; its neutral value is `source * scale + offset`."""

    source: str
    scale: float = 1.0
    offset: float = 0.0


Value = Literal | Expression


def is_number(value: object) -> bool:
    """True for int and float, not for bool."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def affine(value: Value, *, scale: float = 1.0, offset: float = 0.0) -> Value:
    """`value * scale + offset`, for a number literal or an expression; anything else is returned unchanged.

    >>> affine(Literal(60), scale=1000)
    Literal(value=60000)
    >>> affine(Expression("delay"), scale=0.001)
    Expression(source='delay', scale=0.001, offset=0.0)
    >>> affine(Literal(None), offset=1)
    Literal(value=None)
    """
    if isinstance(value, Expression):
        return Expression(value.source, value.scale * scale, value.offset * scale + offset)
    if not is_number(value.value):
        return value
    number = value.value * scale + offset
    return Literal(int(number) if float(number).is_integer() else number)


def literal_of(value: Value | None) -> Any:
    """The known value, or None for an expression, an absent value and a literal null alike."""
    return value.value if isinstance(value, Literal) else None
