"""How long the service waits before it tries again."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable

_FUNCTIONS: dict[str, Callable[..., float]] = {
    "pow": pow,
    "sqrt": math.sqrt,
    "abs": abs,
    "exp": math.exp,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "min": min,
    "max": max,
}
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> float:
    """`90s`, `1h30m`.

    >>> seconds("1h30m")
    5400
    """
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


def wait_before_retry(retries: int, expression: str = "") -> float:
    """Seconds before retry number `retries` (from 1). An `expression` is milliseconds, and knows `retried`, which is 0 then.

    >>> round(wait_before_retry(1)), round(wait_before_retry(2)), wait_before_retry(9)
    (12, 148, 86400)
    >>> wait_before_retry(3, "1000 * (1 + retried)"), wait_before_retry(4, "max(1000, pow(2, retried) * 1000)")
    (3.0, 8.0)
    """
    if not expression:
        return min(86_400, math.e ** (2.5 * retries))
    return min(86_400, _value(ast.parse(expression, mode="eval").body, retries - 1) / 1000)


def _value(node: ast.expr, retried: int) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id="retried"):
            return float(retried)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return _OPERATORS[type(operator)](_value(left, retried), _value(right, retried))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](*(_value(argument, retried) for argument in arguments)))
        case _:
            raise ValueError(f"not an expression that the service knows: {ast.unparse(node)}")
