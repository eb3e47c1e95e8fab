"""A trigger's condition (CEL) as a JavaScript guard: comparisons of the event's fields with literals, `&&`, `||`, `!`, `in`.

The server's rules for what is missing are kept: it equals null and nothing else, it sorts before everything, and it is in no list.
What is not of this part of the language is refused, never approximated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from migrator.regex import regex

_TOKEN = regex(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<string>"[^"\\\n]*"|'[^'\\\n]*')|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<operator>==|!=|<=|>=|&&|\|\||[<>!().,\[\]]))"""
)
_LITERALS = {"true": "true", "false": "false", "null": "null"}
_ORDERED = ("<", "<=", ">", ">=")
#: what may stand after `event.`
_FIELDS = ("data", "name", "user", "id", "ts", "v")
_JAVASCRIPT_NAME = regex(r"[A-Za-z_$][\w$]*\Z")


class UntranslatableError(ValueError):
    """The expression uses something that has no counterpart; the message says what."""


@dataclass(frozen=True)
class _Value:
    """A part of the expression as JavaScript. `kind`: path, number, string, word (true, false, null), list or condition."""

    text: str
    kind: str


def guard(expression: str) -> str:
    """The body of a function of `event` that is true when the condition holds.

    >>> guard("event.data.minor != true && event.data.kind in ['a', 'b']")
    'event.data?.minor !== true && ["a", "b"].includes(event.data?.kind)'
    >>> guard("event.data.grade >= 7")
    'compare(event.data?.grade, ">=", 7)'

    Raises:
        UntranslatableError: the condition is not one of those that can be said in JavaScript with the same meaning.
    """
    reader = _Reader(expression)
    value = reader.either()
    reader.finish()
    if value.kind != "condition":
        raise UntranslatableError(f"`{expression}` is not a comparison")
    return value.text


def path(expression: str) -> str:
    """A single field of the event as JavaScript, for a key.

    >>> path("event.data.order.id")
    'event.data?.order?.id'

    Raises:
        UntranslatableError: it is anything else than one field.
    """
    reader = _Reader(expression)
    value = reader.primary()
    reader.finish()
    if value.kind != "path":
        raise UntranslatableError(f"`{expression}` is not one field of the event")
    return value.text


class _Reader:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position, text = 0, expression.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._refused(text[position:].strip())
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind]))
            position = match.end()

    def _refused(self, what: str) -> UntranslatableError:
        return UntranslatableError(f"`{what}` in the expression `{self._expression}`")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _skip(self, operator: str) -> bool:
        if self._peek() != ("operator", operator):
            return False
        self._at += 1
        return True

    def _expect(self, operator: str) -> None:
        if not self._skip(operator):
            raise self._refused(self._peek()[1])

    def finish(self) -> None:
        if self._at < len(self._tokens):
            raise self._refused(self._peek()[1])

    def either(self) -> _Value:
        parts = [self.both()]
        while self._skip("||"):
            parts.append(self.both())
        return self._joined(parts, " || ")

    def both(self) -> _Value:
        parts = [self.comparison()]
        while self._skip("&&"):
            parts.append(self.comparison())
        if len(parts) > 1:
            parts = [_Value(f"({p.text})", p.kind) if " || " in p.text and not p.text.startswith("(") else p for p in parts]
        return self._joined(parts, " && ")

    def _joined(self, parts: list[_Value], operator: str) -> _Value:
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if part.kind != "condition":
                raise self._refused(part.text)
        return _Value(operator.join(p.text for p in parts), "condition")

    def comparison(self) -> _Value:
        left = self.unary()
        kind, operator = self._peek()
        if kind == "name" and operator == "in":
            self._next()
            return self._contained(left, self.unary())
        if kind != "operator" or operator not in ("==", "!=", *_ORDERED):
            return left
        self._next()
        return self._compared(left, operator, self.unary())

    def _contained(self, left: _Value, right: _Value) -> _Value:
        if left.kind != "path" or right.kind != "list":
            raise self._refused(f"{left.text} in {right.text}")
        return _Value(f"{right.text}.includes({left.text})", "condition")

    def _compared(self, left: _Value, operator: str, right: _Value) -> _Value:
        if left.kind != "path":
            left, right = right, left
            operator = operator.translate(str.maketrans("<>", "><"))
        if left.kind != "path" or right.kind not in ("number", "string", "word"):
            raise self._refused(f"{left.text} {operator} {right.text}")
        if operator in _ORDERED:
            if right.kind != "number":
                raise self._refused(f"{operator} {right.text}")
            return _Value(f'compare({left.text}, "{operator}", {right.text})', "condition")
        # What is missing equals null, so null is compared loosely.
        sign = operator if right.text == "null" else f"{operator}="
        return _Value(f"{left.text} {sign} {right.text}", "condition")

    def unary(self) -> _Value:
        if self._skip("!"):
            inner = self.unary()
            if inner.kind != "condition":
                raise self._refused(f"!{inner.text}")
            return _Value(f"!({inner.text.removeprefix('(').removesuffix(')') if _wrapped(inner.text) else inner.text})", "condition")
        if self._skip("("):
            inner = self.either()
            self._expect(")")
            return _Value(f"({inner.text})", inner.kind) if inner.kind == "condition" else inner
        return self.primary()

    def primary(self) -> _Value:
        if self._skip("["):
            return self._list()
        kind, text = self._next()
        match kind:
            case "number":
                return _Value(text, "number")
            case "string":
                return _Value(json.dumps(text[1:-1], ensure_ascii=False), "string")
            case "name" if text in _LITERALS:
                return _Value(_LITERALS[text], "word")
            case "name" if text == "event":
                return self._path()
            case _:
                raise self._refused(text)

    def _list(self) -> _Value:
        items: list[str] = []
        while not self._skip("]"):
            item = self.primary()
            if item.kind not in ("number", "string", "word") or item.text == "null":
                raise self._refused(item.text)
            items.append(item.text)
            if self._peek() != ("operator", "]"):
                self._expect(",")
        return _Value(f"[{', '.join(items)}]", "list")

    def _path(self) -> _Value:
        keys: list[str] = []
        while True:
            if self._skip("."):
                kind, key = self._next()
                if kind != "name":
                    raise self._refused(key)
            elif self._skip("["):
                kind, key = self._next()
                if kind != "string":
                    raise self._refused(key)
                key = key[1:-1]
                self._expect("]")
            else:
                break
            if self._peek() == ("operator", "("):
                raise self._refused(f"{key}(")
            keys.append(key)
        # `length` is a field that JavaScript gives to texts and lists by itself.
        if not keys or "length" in keys or keys[0] not in _FIELDS or (len(keys) > 1 and keys[0] not in ("data", "user")):
            raise self._refused(".".join(("event", *keys)))
        text = f"event.{keys[0]}"
        for key in keys[1:]:
            text += f"?.{key}" if _JAVASCRIPT_NAME.match(key) else f"?.[{json.dumps(key)}]"
        return _Value(text, "path")


def _wrapped(text: str) -> bool:
    """True if the first parenthesis closes at the very end."""
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(text) - 1 and text.startswith("(")
    return False
