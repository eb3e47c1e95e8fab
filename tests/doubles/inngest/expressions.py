"""The part of CEL that trigger conditions and waits use: comparisons, `&&`, `||`, `!`, `in`, literals, lists and paths.

Missing and null values follow the real server's tests (`pkg/expressions`): a missing path equals null and nothing else, sorts before
everything, and is not in any list; null sorts as the zero value of what it is compared with; `&&` and `||` take any value as true or false.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<operator>==|!=|<=|>=|&&|\|\||[<>!().,\[\]]))"""
)
_WORDS = {"true": True, "false": False, "null": None}


class UnsupportedExpressionError(ValueError):
    """The expression uses something that this double does not know."""


class _Missing:
    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


def holds(expression: str, variables: Mapping[str, Any]) -> bool:
    """Whether an expression is true; an empty one always is.

    >>> holds("event.data.grade >= 7 && event.data.kind in ['a', 'b']", {"event": {"data": {"grade": 8, "kind": "b"}}})
    True
    >>> holds("event.data.minor != true", {"event": {"data": {}}})
    True
    """
    if not expression.strip():
        return True
    return bool(_Reader(expression, variables).read())


class _Reader:
    """Reads and evaluates in one go: expressions are short and evaluated once."""

    def __init__(self, expression: str, variables: Mapping[str, Any]) -> None:
        self._expression = expression
        self._variables = variables
        self._tokens = self._split()
        self._at = 0

    def _split(self) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        text = self._expression.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._unsupported(text[at:].strip())
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind]))
            at = match.end()
        return tokens

    def _unsupported(self, where: str) -> UnsupportedExpressionError:
        return UnsupportedExpressionError(f"the double does not understand {where!r} in {self._expression!r}")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) and self._tokens[self._at][0] != "string" else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._unsupported("the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, operator: str) -> bool:
        if self._peek() != operator:
            return False
        self._at += 1
        return True

    def _expect(self, operator: str) -> None:
        if not self._skip(operator):
            raise self._unsupported(self._peek() or "the end")

    def read(self) -> Any:
        value = self._either()
        if self._at < len(self._tokens):
            raise self._unsupported(self._tokens[self._at][1])
        return value

    def _either(self) -> Any:
        value = self._both()
        while self._skip("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._skip("&&"):
            other = self._comparison()
            value = value and other
        return value

    def _comparison(self) -> Any:
        left = self._unary()
        operator = self._peek()
        if operator not in _COMPARISONS:
            return left
        self._at += 1
        return _COMPARISONS[operator](left, self._unary())

    def _unary(self) -> Any:
        if self._skip("!"):
            return not self._unary()
        if self._skip("("):
            value = self._either()
            self._expect(")")
            return value
        if self._skip("["):
            return self._list()
        kind, text = self._next()
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "string":
            return json.loads(text) if text.startswith('"') else text[1:-1].replace("\\'", "'")
        if kind == "name":
            return _WORDS[text] if text in _WORDS else self._path(text)
        raise self._unsupported(text)

    def _list(self) -> list[Any]:
        values: list[Any] = []
        while not self._skip("]"):
            values.append(self._either())
            if self._peek() != "]":
                self._expect(",")
        return values

    def _path(self, root: str) -> Any:
        value: Any = self._variables.get(root, MISSING)
        while True:
            if self._skip("."):
                kind, key = self._next()
                if kind != "name" or self._peek() == "(":
                    raise self._unsupported(key)
            elif self._skip("["):
                key = self._either()
                self._expect("]")
            elif self._peek() == "(":
                raise self._unsupported(f"{root}(")
            else:
                return value
            value = value.get(key, MISSING) if isinstance(value, Mapping) else MISSING


def _equal(left: Any, right: Any) -> bool:
    if left is MISSING or right is MISSING:
        return left is None or right is None
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def _ordered(compare: Callable[[Any, Any], bool], *, when_left_is_missing: bool) -> Callable[[Any, Any], bool]:
    def check(left: Any, right: Any) -> bool:
        if left is MISSING:
            return when_left_is_missing
        if right is MISSING:
            return not when_left_is_missing
        if left is None and right is None:
            return compare(0, 0)
        left = type(right)() if left is None else left
        right = type(left)() if right is None else right
        try:
            return compare(left, right)
        except TypeError:
            return False

    return check


def _contains(left: Any, right: Any) -> bool:
    return left is not MISSING and isinstance(right, list | Mapping) and any(_equal(left, value) for value in right)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: left < right, when_left_is_missing=True),
    "<=": _ordered(lambda left, right: left <= right, when_left_is_missing=True),
    ">": _ordered(lambda left, right: left > right, when_left_is_missing=False),
    ">=": _ordered(lambda left, right: left >= right, when_left_is_missing=False),
    "in": _contains,
}
