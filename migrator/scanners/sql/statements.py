"""SQL taken apart: statements, the code inside their texts, and the calls of functions with their arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import msgspec

from migrator.scanners.sql.tokens import Token, tokens

_OPENING, _CLOSING = ("(", "["), (")", "]")
#: names of the argument that the one before `:=` or `=>` gives
_NAMES = (":=", "=>")
#: statements that name a function without running it
NO_RUN = frozenset(("create", "drop", "grant", "revoke", "comment", "alter"))


class Body(msgspec.Struct, frozen=True):
    """A run of statements: a file, or the code of a `do` block or of a function, whose name is `function`."""

    tokens: tuple[Token, ...]
    function: str = ""
    variables: dict[str, str] = msgspec.field(default_factory=dict[str, str])  #: text constants that the code declares


class SqlCall(msgspec.Struct, frozen=True):
    """A call of a function. `arguments` by position and name; `statement` is what stands around it, `body` what runs it."""

    name: str
    arguments: dict[int | str, tuple[Token, ...]]
    at: Token
    end: int
    statement: tuple[Token, ...]
    body: Body


def bodies(text: str, offset: int = 0) -> Iterator[tuple[Body, tuple[Token, ...]]]:
    """(body, statement) of every statement of a text, those inside of `do` blocks and functions after the one that holds them."""
    yield from _of(Body(tuple(tokens(text, offset))), 4)


def _of(body: Body, depth: int) -> Iterator[tuple[Body, tuple[Token, ...]]]:
    for statement in _split(body.tokens):
        yield body, statement
        inner = _inner(statement) if depth else None
        if inner is not None:
            name, code = inner
            listed = tuple(tokens(code.value, code.inner if code.inner >= 0 else code.start + 1))
            yield from _of(Body(listed, name or body.function, _declared(listed)), depth - 1)


def _split(listed: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    begin = 0
    for index, token in enumerate(listed):
        if token.kind == "symbol" and token.value == ";":
            if index > begin:
                yield tuple(listed[begin:index])
            begin = index + 1
    if begin < len(listed):
        yield tuple(listed[begin:])


def _inner(statement: Sequence[Token]) -> tuple[str, Token] | None:
    """(function's name or empty, its code) of `do $$ … $$`, `execute '…'` and `create function … as $$ … $$`."""
    words = [t.value for t in statement if t.kind == "word"]
    texts = [t for t in statement if t.kind == "text"]
    does = any(t.value == "do" and n.kind == "text" for t, n in pairwise(statement[:12]))
    if words[:1] == ["do"] or does or "execute" in words[:4]:
        return ("", texts[0]) if texts else None
    name = created(statement)
    if not name:
        return None
    dollars = [t for t in texts if t.inner >= 0]
    code = dollars[0] if dollars else next((texts[i] for i in range(len(texts)) if _after_as(statement, texts[i])), None)
    return (name, code) if code is not None else None


def _after_as(statement: Sequence[Token], text: Token) -> bool:
    index = statement.index(text)
    return index > 0 and statement[index - 1].value == "as"


def created(statement: Sequence[Token]) -> str:
    """The name, without its schema, of the function or procedure that a statement creates; empty for any other statement."""
    words = [t.value for t in statement[:6]]
    if not words or words[0] != "create":
        return ""
    for index, word in enumerate(words[:5]):
        if word in ("function", "procedure"):
            rest = statement[index + 1 : index + 4]
            return rest[2].value if len(rest) == 3 and rest[1].value == "." else rest[0].value if rest else ""
    return ""


def parameters(statement: Sequence[Token]) -> tuple[str, ...]:
    """The names of the parameters of the function that a statement creates, in order; what it gives back is none."""
    begin = next((i for i, t in enumerate(statement) if t.value == "("), len(statement))
    listed, _ = _arguments(statement, begin + 1)
    names = ([t.value for t in part if t.value not in ("in", "inout", "variadic")] for part in listed.values())
    return tuple(name[0] for name in names if name and name[0] != "out")


def plain_calls(body: Body, statement: Sequence[Token], names: Collection[str]) -> Iterator[SqlCall]:
    """The calls of a statement of functions whose name, whatever their schema, is among `names`."""
    if statement[0].value in NO_RUN:
        return
    for index, (token, following) in enumerate(pairwise(statement)):
        if token.kind == "word" and token.value in names and following.value == "(":
            arguments, end = _arguments(statement, index + 2)
            yield SqlCall(token.value, arguments, token, end, tuple(statement), body)


def _declared(listed: Sequence[Token]) -> dict[str, str]:
    """`name [constant] type := 'text'` of a body's declarations, and `name := 'text'`."""
    found: dict[str, str] = {}
    for index, token in enumerate(listed):
        if token.value not in (":=", "=", "default") or index == 0 or index + 1 >= len(listed) or listed[index + 1].kind != "text":
            continue
        if index + 2 < len(listed) and listed[index + 2].value not in (";", "::"):
            continue
        begin = index
        while begin > 0 and listed[begin - 1].value not in (";", "declare", "begin", "then", "loop"):
            begin -= 1
        if listed[begin].kind == "word" and begin < index:
            found[listed[begin].value] = listed[index + 1].value
    return found


def calls(body: Body, statement: Sequence[Token], names: frozenset[str]) -> Iterator[SqlCall]:
    """The calls of a statement of functions whose name, with its schema, is among `names`."""
    if statement[0].value in NO_RUN:
        return
    for index, token in enumerate(statement):
        if token.kind != "word" or index + 3 >= len(statement) or statement[index + 1].value != "." or statement[index + 3].value != "(":
            continue
        name = f"{token.value}.{statement[index + 2].value}"
        if name in names:
            arguments, end = _arguments(statement, index + 4)
            yield SqlCall(name, arguments, token, end, tuple(statement), body)


def _arguments(statement: Sequence[Token], begin: int) -> tuple[dict[int | str, tuple[Token, ...]], int]:
    """(the arguments, where the call ends) of a call whose parenthesis was opened just before `begin`."""
    found: dict[int | str, tuple[Token, ...]] = {}
    depth, start, index = 0, begin, begin
    while index < len(statement):
        value = statement[index].value if statement[index].kind == "symbol" else ""
        if value in _OPENING:
            depth += 1
        elif value in _CLOSING and depth:
            depth -= 1
        elif value == ")" or (value == "," and not depth):
            if index > start:
                _put(found, tuple(statement[start:index]))
            start = index + 1
            if value == ")":
                return found, statement[index].end
        index += 1
    return found, statement[-1].end


def _put(found: dict[int | str, tuple[Token, ...]], argument: tuple[Token, ...]) -> None:
    if len(argument) > 2 and argument[1].value in _NAMES and argument[0].kind == "word":
        found[argument[0].value] = argument[2:]
    else:
        found[len([k for k in found if isinstance(k, int)])] = argument


def text_of(argument: Sequence[Token], variables: dict[str, str]) -> str | None:
    """The text that an argument is: a literal, a cast of one, a declared constant, or several joined; None if that cannot be told."""
    parts: list[str] = []
    index = 0
    while index < len(argument):
        token = argument[index]
        if token.kind == "text":
            parts.append(token.value)
        elif token.kind == "word" and token.value in variables:
            parts.append(variables[token.value])
        elif token.value == "::":
            index += 1
        elif token.value not in ("||", "(", ")"):
            return None
        index += 1
    return "".join(parts) if parts else None
