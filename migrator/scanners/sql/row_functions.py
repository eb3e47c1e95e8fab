"""Functions of the database that work on job tables: `claim_next_job()`, which takes rows, and `enqueue_job(…)`, which puts them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from migrator.regex import regex
from migrator.scanners.files import Tree
from migrator.scanners.sql.statements import bodies, created, parameters
from migrator.scanners.sql.texts import Text, histories
from migrator.scanners.sql.tokens import Token

_CLAIMS = regex(r"\bskip\s+locked\b", re.IGNORECASE)
_AFTER = frozenset(("from", "update", "join"))
#: words that may stand between `update` and a table's name, or in its place
_NO_TABLES = frozenset(("only", "skip", "nowait", "of", "set", "no", "lateral"))


class RowInsert(msgspec.Struct, frozen=True):
    """What a function puts into a table: columns that get a text, and columns that get one of its parameters."""

    table: str
    texts: Mapping[str, str]
    parameters: Mapping[str, str]


def claiming(tree: Tree) -> dict[str, str]:
    """name of a function -> the table whose rows it takes: it passes over those that others hold, `for update skip locked`."""
    found: dict[str, str] = {}
    for name, _, body in _functions(tree, _CLAIMS):
        # Of two definitions of one name the last one holds.
        found.pop(name, None)
        for statement in body:
            if any(a.value == "skip" and b.value == "locked" for a, b in pairwise(statement)):
                table = next(_tables(statement), "")
                if table:
                    found[name] = table
    return found


def inserting(tree: Tree, tables: Collection[str]) -> dict[str, RowInsert]:
    """name of a function -> what it puts into one of `tables`."""
    if not tables:
        return {}
    named = "|".join(re.escape(name) for name in sorted(tables))
    wanted = re.compile(rf"\binsert\s+into\s+(?:\"?\w+\"?\s*\.\s*)?\"?(?:{named})\"?[\s(]", re.IGNORECASE)
    found: dict[str, RowInsert] = {}
    for name, given, body in _functions(tree, wanted):
        found.pop(name, None)
        for statement in body:
            put = _insert(statement, given)
            if put is not None and put.table.lower() in {table.lower() for table in tables}:
                found[name] = put
    return found


def _functions(tree: Tree, wanted: re.Pattern[str]) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Token, ...]]]]:
    """(name, parameters, statements) of every function in files that have what is wanted, and what later files make of it, in order."""
    for _, texts in histories(tree, (), b"function"):
        known: set[str] = set()
        for text in texts:
            if wanted.search(text.text) or any(name in text.text for name in known):
                made = list(_in_text(text))
                known |= {name for name, _, _ in made}
                yield from made


def _in_text(text: Text) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Token, ...]]]]:
    name, given, body = "", (), list[tuple[Token, ...]]()
    for around, statement in bodies(text.text, text.offset):
        made = created(statement) if not around.function else ""
        if made or not around.function:
            if name:
                yield name, given, body
            name, given, body = made, parameters(statement) if made else (), []
        else:
            body.append(statement)
    if name:
        yield name, given, body


def _tables(statement: Sequence[Token]) -> Iterator[str]:
    """The names behind `from` and `update`, without their schema, those of the statement's own parts left out."""
    own = {a.value for a, b in pairwise(statement) if a.kind == "word" and b.value == "as"}
    for index, token in enumerate(statement[:-1]):
        if token.kind == "word" and token.value in _AFTER:
            name = _name(statement, index + 1)
            if name and name not in own:
                yield name


def _name(statement: Sequence[Token], index: int) -> str:
    """The name, without its schema, that begins at a token; empty where none does."""
    while index < len(statement) and statement[index].value == "only":
        index += 1
    if index >= len(statement) or statement[index].kind != "word" or statement[index].value in _NO_TABLES:
        return ""
    if index + 2 < len(statement) and statement[index + 1].value == "." and statement[index + 2].kind == "word":
        return statement[index + 2].value
    return statement[index].value


def _insert(statement: Sequence[Token], given: Collection[str]) -> RowInsert | None:
    """`insert into jobs (type, payload) values ('mail', p_payload)`, also behind `with …`."""
    at = next((i for i, (a, b) in enumerate(pairwise(statement)) if a.value == "insert" and b.value == "into"), None)
    name = _name(statement, at + 2) if at is not None else ""
    if at is None or not name:
        return None
    opening = next((i for i in range(at, len(statement)) if statement[i].value == "("), len(statement))
    columns, end = _list(statement, opening + 1)
    if end + 1 >= len(statement) or statement[end].value != "values":
        return RowInsert(name, {}, {})
    values, _ = _list(statement, end + 2)
    pairs = {c[0].value: v for c, v in zip(columns, values, strict=False) if c and v}
    return RowInsert(
        name,
        {c: v[0].value for c, v in pairs.items() if v[0].kind == "text" and _alone(v)},
        {c: v[0].value for c, v in pairs.items() if v[0].kind == "word" and v[0].value in given and _alone(v)},
    )


def _alone(value: Sequence[Token]) -> bool:
    """True for a value as it is, or cast to a type."""
    return len(value) == 1 or value[1].value == "::"


def _list(statement: Sequence[Token], begin: int) -> tuple[list[list[Token]], int]:
    """(the parts of a list in parentheses, the token behind it), from behind the opening one."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for index in range(begin, len(statement)):
        value = statement[index].value if statement[index].kind == "symbol" else ""
        if value == ")" and not depth:
            return parts, index + 1
        if value == "," and not depth:
            parts.append([])
            continue
        depth += (value == "(") - (value == ")")
        parts[-1].append(statement[index])
    return parts, len(statement)
