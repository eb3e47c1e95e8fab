"""SQL in TypeScript and JavaScript that puts rows into a job table or takes them out of it: tagged templates, strings with parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.job_tables import JobTable, judge, sounds_like_jobs
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import callee_of
from migrator.syntax.tree import field as child

#: bytes of which one stands in every file with such SQL
MARKERS = (b"SKIP LOCKED", b"skip locked", b"INSERT INTO", b"insert into", b"Insert into", b"skipLocked", b"skip_locked")
#: what SQL is handed to, whatever it is called on; tags of templates too
METHODS = frozenset(
    (
        *("query", "execute", "exec", "run", "raw", "sql", "SQL", "unsafe", "none", "one", "oneOrNone", "any", "many", "manyOrNone"),
        *("$queryRaw", "$executeRaw", "$queryRawUnsafe", "$executeRawUnsafe", "queryRaw", "executeRaw", "all", "get", "prepare"),
        *("maybeOne", "maybeOneFirst", "oneFirst", "anyFirst", "manyFirst"),
        # What people call their own way to a row or to several.
        *("getRow", "getRows", "getOne", "getAll", "getCol", "fetchRow", "fetchRows", "fetchOne", "fetchAll", "selectOne", "selectAll"),
        *("queryOne", "queryRow", "queryRows", "queryAll", "executeQuery", "runQuery", "executeSql", "executeSQL"),
    )
)

#: how a value that is handed in stands in the text of a statement, by its place in `slots`: no character of SQL
SLOT = "\ufdd0{}\ufdd1"
_SLOTS = regex("\ufdd0(\\d+)\ufdd1")
_NAME = '(?:"(?P<quoted>[^"]+)"|(?P<plain>\\w+)|\ufdd0(?P<slot>\\d+)\ufdd1)'
_INSERT = regex(r"\binsert\s+into\s+(?:\"?\w+\"?\s*\.\s*)?" + _NAME, re.IGNORECASE)
_COLUMNS = regex(r"\s*\(([^()]*)\)\s*(?:overriding\s+\w+\s+value\s*)?", re.IGNORECASE)
_VALUES = regex(r"\s*values\s*\(", re.IGNORECASE)
_NUMBERED = regex(r"^\$(\d+)(::\w+)?$")
_NAMED = regex(r"^[:@$](\w+)$")
_LITERAL = regex(r"^'((?:[^']|'')*)'(::[\w\"]+)?$")
_CAST = regex(r"::[\w\"\[\]]+$")
_TABLES = regex(r"\b(?:update|from|into)\s+(?:only\s+)?(?:\"?\w+\"?\s*\.\s*)?" + _NAME, re.IGNORECASE)
_CLAIM = regex(r"\bskip\s+locked\b", re.IGNORECASE)
#: `select * from queue.claim_next_job($1)`
_CALLED = regex(r"\b(\w+)\s*\(")
_UPDATES = regex(r"\.(update|delete)(Many)?\s*\(|\bupdate\s+[\s\S]*\bset\b|\bdelete\s+from\b", re.IGNORECASE)


class Statement(msgspec.Struct, frozen=True):
    """The text of an SQL statement; `slots` are the expressions in it, `parameters` what is handed in beside it."""

    text: str
    slots: tuple[Place, ...] = ()
    parameters: Mapping[int | str, Place] = msgspec.field(default_factory=dict)


def loose(view: View) -> Iterator[Node]:
    r"""Templates with such SQL that the grammar takes for part of a comparison: `tx.$queryRaw<Array<{ id: string }>>\`…\``."""
    for node in view.source.nodes("template_string") if any(marker in view.source.data for marker in MARKERS) else ():
        if node.parent is not None and node.parent.type == "binary_expression":
            yield node


def method_of(call: Call) -> str:
    """The last name of what is called, in a wrapper that of the call within it."""
    function = callee_of(call.inner.node)
    name = child(function, "property") or function
    return call.inner.source.text(name) if name is not None else ""


def statement(call: Call) -> Statement | None:
    """The SQL that a call is handed, or that a tagged template is."""
    node, source, frame = call.inner.node, call.inner.source, call.inner.frame
    if node.type == "template_string":
        return _template(call.inner)
    arguments = child(node, "arguments")
    if arguments is None:
        return None
    if arguments.type == "template_string":
        return _template(Place(source, arguments, frame))
    first, second = call.arguments.get(0), call.arguments.get(1)
    if first is None:
        return None
    if first.node.type == "template_string":
        written = _template(first)
    elif first.node.type in ("string", "identifier", "member_expression", "binary_expression"):
        written = Statement(call.view.evaluator.text(first))
    elif first.node.type == "object":
        # node-postgres: `query({ text, values })`.
        entries = call.view.evaluator.entries(first)
        written, second = Statement(call.view.evaluator.text(entries.get("text"))), entries.get("values")
    else:
        return None
    return Statement(written.text, written.slots, _parameters(call.view, second))


def _template(place: Place) -> Statement:
    """`\\`insert into jobs (type) values (${type})\\``."""
    parts: list[str] = []
    slots: list[Place] = []
    source, end = place.source, place.node.start_byte + 1
    for part in place.node.named_children:
        if part.type != "template_substitution" or not part.named_children:
            continue
        parts += [_between(place, end, part.start_byte), SLOT.format(len(slots))]
        slots.append(Place(source, part.named_children[0], place.frame))
        end = part.end_byte
    parts.append(_between(place, end, place.node.end_byte - 1))
    return Statement("".join(parts), tuple(slots))


def _between(place: Place, start: int, end: int) -> str:
    return place.source.data[start:end].decode("utf-8", "replace")


def _parameters(view: View, place: Place | None) -> dict[int | str, Place]:
    """`[a, b]` by number from 1, `{ a, b }` by name; what stands under `replacements`, `bind` or `parameters` too."""
    entries = view.evaluator.entries(place) if place is not None else {}
    inner = next((entries[k] for k in ("replacements", "bind", "parameters", "values") if k in entries), None)
    if inner is not None:
        entries = view.evaluator.entries(inner)
    return {int(k) + 1 if k.isdigit() else k: v for k, v in entries.items()}


class Insertion(msgspec.Struct, frozen=True):
    """`insert into table`: `table` is None where its name is only known at run time.

    `row` is what it says by column; `rows` what is handed in where that is objects.
    """

    table: JobTable | None
    columns: tuple[str, ...]
    row: Mapping[str, Place | str]
    rows: Place | None = None


def insertion(view: View, sql: Statement) -> Insertion | None:
    """The insert in a statement, if it goes into a job table. A table of pg-boss is none of the application's."""
    match = _INSERT.search(sql.text)
    if match is None or "pgboss" in match[0].lower():
        return None
    name = match["quoted"] or match["plain"] or _slot_text(view, sql, match["slot"])
    names, row = _columns(sql, match.end())
    table = next((t for t in view.found.tables if name and t.table.lower() == name.lower()), None)
    if table is None and (name or not judge("job", [*names, "status"])):
        return None
    return Insertion(table, names, row, _handed_in(view, sql, match.end()))


def columns_of(sql: Statement) -> Mapping[str, Place | str]:
    """What the first insert of a statement gives its columns."""
    match = _INSERT.search(sql.text)
    return _columns(sql, match.end())[1] if match is not None else {}


def _columns(sql: Statement, after: int) -> tuple[tuple[str, ...], dict[str, Place | str]]:
    """(names of the columns behind a table's name, what those are given that are given something)."""
    columns = _COLUMNS.match(sql.text, after)
    if columns is None:
        return (), {}
    names = tuple(c.strip().strip('"') for c in columns[1].split(","))
    values = _VALUES.match(sql.text, columns.end())
    given = list(_split(sql.text, values.end())) if values is not None else []
    asked = [sum(text.count("?") for text in given[:index]) for index in range(len(given))]
    return names, {c: v for c, text, before in zip(names, given, asked, strict=False) if (v := _value(sql, text, before)) is not None}


def _handed_in(view: View, sql: Statement, after: int) -> Place | None:
    """postgres.js: `insert into jobs ${sql(rows)}`."""
    slot = _SLOTS.match(sql.text[after:].lstrip())
    if slot is None:
        return None
    given = view.evaluator.arguments(sql.slots[int(slot[1])]).get(0)
    return given if isinstance(given, Place) else None


def _slot_text(view: View, sql: Statement, slot: str | None) -> str:
    """The name of a table that stands in a slot: `${"jobs"}`, `${sql.identifier("jobs")}`, a Drizzle table."""
    if slot is None:
        return ""
    place = sql.slots[int(slot)]
    first = view.evaluator.arguments(place).get(0) if place.node.type == "call_expression" else None
    if isinstance(first, Place):
        return view.evaluator.text(first)
    made = getattr(view.evaluator.meaning(place), "call", None)
    named = view.evaluator.arguments(made).get(0) if isinstance(made, Place) else None
    return view.evaluator.text(place) or (view.evaluator.text(named) if isinstance(named, Place) else "")


def _split(text: str, start: int) -> Iterator[str]:
    """The parts of a list in parentheses, from behind the opening one."""
    depth, begin = 1, start
    for index in range(start, len(text)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
        if depth == 0 or (depth == 1 and text[index] == ","):
            yield text[begin:index].strip()
            begin = index + 1
        if depth == 0:
            return


def _value(sql: Statement, text: str, before: int) -> Place | str | None:
    """A value of the row: what was handed in for it, or its literal; None for what the database works out. `before`: `?`s before it."""
    plain = _CAST.sub("", text)
    slot = _SLOTS.fullmatch(plain)
    if slot is not None:
        return sql.slots[int(slot[1])]
    literal = _LITERAL.match(text)
    if literal is not None:
        return literal[1].replace("''", "'")
    number, name = _NUMBERED.match(plain), _NAMED.match(plain)
    if number is not None:
        return sql.parameters.get(int(number[1]))
    if plain == "?":
        return sql.parameters.get(before + 1)
    return sql.parameters.get(name[1]) if name is not None else None


def takes(view: View, sql: Statement, around: str) -> bool:
    """True if the statement takes rows of a job table; `around` is the source of the function in which it stands."""
    if any(name in view.found.claimed_by for name in _CALLED.findall(sql.text.lower())):
        return bool(view.found.functions().intersection(_CALLED.findall(sql.text.lower())))
    if not _CLAIM.search(sql.text) or not any(_UPDATES.search(text) for text in (sql.text, around)):
        return False
    names = {(m["quoted"] or m["plain"] or _slot_text(view, sql, m["slot"])).lower() for m in _TABLES.finditer(sql.text)}
    tables = {t.table.lower() for t in view.found.tables} | {t.model.lower() for t in view.found.tables}
    # A name that only the run knows may be that of a job table, if there is one; so may one that is called like one.
    return bool(names & tables) or ("" in names and bool(tables)) or (not tables and any(sounds_like_jobs(name) for name in names))
