"""Rows that SQL puts into tables: `insert into t (a, b) values (1, 'x'), (2, 'y')`, and into one row with `select`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from migrator.scanners.sql.statements import bodies
from migrator.scanners.sql.tokens import Token

#: what follows the values of an insert
_ENDS = frozenset(("on", "returning", "from", "where"))


class Row(msgspec.Struct, frozen=True):
    """A row of `table`: what is written for each column, in the whole text from `start` to `end`."""

    table: str
    values: Mapping[str, tuple[Token, ...]]
    start: int
    end: int


def inserted(text: str, offset: int = 0) -> Iterator[Row]:
    """Every row that the statements of a text insert and that names its columns."""
    for _, statement in bodies(text, offset):
        for index, token in enumerate(statement):
            if (
                token.value == "insert"
                and token.kind == "word"
                and statement[index + 1 : index + 2]
                and statement[index + 1].value == "into"
            ):
                yield from _rows(statement[index + 2 :], token.start)


def _rows(rest: Sequence[Token], start: int) -> Iterator[Row]:
    """The rows of what stands after `insert into`."""
    opening = next((i for i, t in enumerate(rest) if t.value == "(" and t.kind == "symbol"), 0)
    if not opening:
        return
    table = rest[opening - 1].value
    columns, index = _listed(rest, opening + 1)
    names = [part[0].value for part in columns if len(part) == 1]
    if len(names) != len(columns) or index >= len(rest):
        return
    if rest[index].value == "select":
        listed, _ = _listed([*rest[:index], Token("symbol", "(", start, start), *rest[index + 1 :]], index + 1)
        if len(listed) == len(names):
            yield Row(table, dict(zip(names, listed, strict=True)), start, listed[-1][-1].end)
        return
    index += rest[index].value == "values"
    first = True
    while index < len(rest) and rest[index].value == "(" and rest[index].kind == "symbol":
        opened = rest[index].start
        listed, index = _listed(rest, index + 1)
        if len(listed) == len(names):
            yield Row(table, dict(zip(names, listed, strict=True)), start if first else opened, rest[min(index, len(rest)) - 1].end)
        first = False
        index += index < len(rest) and rest[index].value == ","


def _listed(rest: Sequence[Token], begin: int) -> tuple[list[tuple[Token, ...]], int]:
    """(what stands between commas, the position after it) of a list whose parenthesis was opened before `begin`."""
    parts: list[tuple[Token, ...]] = []
    depth, start, index = 0, begin, begin
    while index < len(rest):
        token = rest[index]
        value = token.value if token.kind == "symbol" else ""
        ends = not depth and token.kind == "word" and token.value in _ENDS
        if not depth and (value in (",", ")") or ends):
            parts.append(tuple(rest[start:index]))
            start = index + 1
            if value != ",":
                return [p for p in parts if p], index + 1
        depth += (value == "(") - (value == ")")
        index += 1
    parts.append(tuple(rest[start:]))
    return [p for p in parts if p], index
