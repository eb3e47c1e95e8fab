"""Tables that Python declares: SQLAlchemy and SQLModel classes, Django, peewee and Tortoise models, `Table(…)`, Alembic, SQL in strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.files import Tree
from migrator.scanners.job_tables import is_status, judge, payload, signals, snake, sounds_like_jobs
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.python.job_table_values import words_of
from migrator.scanners.reading import View
from migrator.scanners.sql import Declared, record_declared
from migrator.scanners.sql.declarations import sql_tables
from migrator.syntax.tree import CLASSES, callee_of, walk
from migrator.syntax.tree import field as child

#: bytes of which one stands in every file that declares a job table: its machinery, or the statement that makes it
MARKERS = (
    *(b"attempts", b"retry_count", b"retries", b"run_at", b"run_after", b"scheduled_for", b"scheduled_at", b"available_at"),
    *(b"next_retry", b"next_run", b"next_attempt", b"locked_at", b"locked_by", b"locked_until", b"claimed_", b"worker_id", b"heartbeat"),
    # `lease_` alone stands in every `release_`.
    *(b"lease_owner", b"lease_token", b"lease_until", b"lease_expir", b"leased_", b"SKIP LOCKED", b"skip locked", b"skip_locked"),
)
#: of these one, too: what makes columns, or the table
_MAKES = regex(rb"Column\b|Field\b|ForeignKey|Mapped\[|__table|table\s*=\s*True|\bTable\(|create_table|(?i:create\s+(?:unlogged\s+)?table)")
#: what an ORM's model derives from, by the end of its key
_BASES = {
    "django.db.models.Model": "django",
    "peewee.Model": "peewee",
    "tortoise.models.Model": "tortoise",
    "tortoise.Model": "tortoise",
    "flask_sqlalchemy.SQLAlchemy().Model": "sqlalchemy",
}
_COLUMNS = regex(r"^(Column|mapped_column|Field|ForeignKey|OneToOneField|\w+Field)$")
#: no job table is without one of them; it saves finding out what all other classes derive from
_TELLING = regex(r"\b(?:job_)?(?:status|state)\b|attempt|fail|retr(?:y|ies)")
_CLAIMS = regex(rb"skip\s+locked|skip_locked\s*=\s*True", re.IGNORECASE)
_CREATES = frozenset(("Table", "create_table"))
_DEPTH = 6


class _Column(msgspec.Struct, frozen=True):
    """`values`: what it can take, where code says so; `default` if that is a literal."""

    name: str
    values: tuple[str, ...] = ()
    default: int | str | None = None


def may_declare(_: Tree, __: str, data: bytes) -> bool:
    """True for a file that makes tables at all: `retries` stands in much other code."""
    return _MAKES.search(data) is not None


def declare(view: View) -> None:
    """Record every job table that the file declares."""
    for node in view.source.nodes("class_definition", "call", "string"):
        match node.type:
            case "class_definition":
                _model(view, node)
            case "call":
                _made(view, node)
            case _:
                _in_sql(view, node)


def _model(view: View, node: Node) -> None:
    name = child(node, "name")
    if not _TELLING.search(view.source.text(node)):
        return
    orm = _orm(view, view.place(node), _DEPTH)
    if name is None or not orm or _option(view, node, "abstract"):
        return
    columns = list(_columns(view, view.place(node), orm, _DEPTH))
    model = view.source.text(name)
    _record(view, node, model, _table_name(view, node, model, orm), columns, orm)


def _orm(view: View, place: Place, depth: int) -> str:
    """Who maps a class to a table; empty for any other class."""
    source, node = place.source, place.node
    superclasses = child(node, "superclasses")
    for keyword in superclasses.named_children if superclasses is not None else ():
        if keyword.type == "keyword_argument" and source.text(keyword).replace(" ", "") == "table=True":
            return "sqlmodel"
    if any(source.text(left) in ("__tablename__", "__table__") for left, _, _ in _assignments(node)):
        return "sqlalchemy"
    for base in base_classes(source, node):
        meaning = view.evaluator.of(source, base)
        if meaning.key in _BASES:
            return _BASES[meaning.key]
        if depth and isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and meaning.place.node != node:
            orm = _orm(view, meaning.place, depth - 1)
            if orm:
                return orm
    return ""


def _assignments(node: Node) -> Iterator[tuple[Node, Node | None, Node | None]]:
    """(name, value, annotation) of each assignment directly in a class body."""
    body = child(node, "body")
    for statement in body.named_children if body is not None else ():
        inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
        left = child(inner, "left") if inner is not None and inner.type == "assignment" else None
        if inner is not None and left is not None and left.type == "identifier":
            yield left, child(inner, "right"), child(inner, "type")


def _columns(view: View, place: Place, orm: str, depth: int) -> Iterator[_Column]:
    """The columns of a model, those of its base classes in the tree first."""
    source, node = place.source, place.node
    for base in base_classes(source, node) if depth else ():
        meaning = view.evaluator.of(source, base)
        if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES and meaning.place.node != node:
            yield from _columns(view, meaning.place, orm, depth - 1)
    for left, right, annotation in _assignments(node):
        name = source.text(left)
        made = callee_of(right) if right is not None and right.type == "call" else None
        last = child(made, "attribute") or made
        is_column = last is not None and bool(_COLUMNS.match(source.text(last)))
        mapped = annotation is not None and (orm == "sqlmodel" or source.text(annotation).startswith(("Mapped[", "orm.Mapped[")))
        if (is_column or mapped) and not name.startswith("__"):
            parts = [Place(source, n) for n in (right, annotation) if n is not None]
            yield _Column(name, _values(view, parts) if is_status(name) else (), _default(view, Place(source, right)) if right else None)


def _values(view: View, parts: list[Place]) -> tuple[str, ...]:
    """The values of a status column: of its enum, its choices, or the texts that stand there."""
    found: list[str] = []
    for part in parts:
        for node in walk(part.node, ("identifier", "attribute", "string")):
            inner = Place(part.source, node)
            found += [view.evaluator.text(inner)] if node.type == "string" else list(words_of(view, inner))
    words = tuple(dict.fromkeys(w for w in found if re.fullmatch(r"\w+", w)))
    return words if len(words) > 2 else ()


def _default(view: View, column: Place) -> int | str | None:
    """`default=3`, `server_default="3"`; `Field(3)`."""
    given = view.evaluator.arguments(column) if column.node.type == "call" else {}
    place = next((p for k in ("default", "server_default") if isinstance(p := given.get(k), Place)), None)
    value = view.evaluator.known(place) if place is not None else None
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _table_name(view: View, node: Node, model: str, orm: str) -> str:
    for left, right, _ in _assignments(node):
        if view.source.text(left) == "__tablename__" and right is not None:
            return view.evaluator.text(view.place(right)) or model
    named = _option(view, node, "db_table") or _option(view, node, "table_name") or _option(view, node, "table")
    if named or orm != "django":
        return named or (model.lower() if orm in ("peewee", "tortoise", "sqlmodel") else snake(model))
    folders = view.source.path.split("/")[:-1]
    app = _option(view, node, "app_label") or next((f for f in reversed(folders) if f != "models"), "")
    return f"{app}_{model.lower()}" if app else model.lower()


def _option(view: View, node: Node, name: str) -> str:
    """An option of the inner class `Meta`, as text; `True` for one that is set."""
    body = child(node, "body")
    for inner in body.named_children if body is not None else ():
        title = child(inner, "name") if inner.type == "class_definition" else None
        if title is None or view.source.text(title) != "Meta":
            continue
        for left, right, _ in _assignments(inner):
            if view.source.text(left) == name and right is not None:
                return view.evaluator.text(view.place(right)) or (view.source.text(right) if right.type == "true" else "")
    return ""


def _made(view: View, node: Node) -> None:
    """`jobs = Table("jobs", metadata, Column("status", …), …)`, and Alembic's `op.create_table("jobs", sa.Column(…), …)`."""
    function = callee_of(node)
    last = child(function, "attribute") or function
    if last is None or view.source.text(last) not in _CREATES:
        return
    arguments = [p for k, p in view.evaluator.arguments(view.place(node)).items() if isinstance(k, int) and isinstance(p, Place)]
    name = view.evaluator.text(arguments[0]) if arguments else ""
    columns = [c for p in arguments[1:] if (c := _core_column(view, p)) is not None]
    if name and columns:
        _record(view, node, name, name, columns, "sqlalchemy", migration=view.source.text(last) == "create_table")


def _core_column(view: View, place: Place) -> _Column | None:
    made = callee_of(place.node) if place.node.type == "call" else None
    last = child(made, "attribute") or made
    first = view.evaluator.arguments(place).get(0) if last is not None and place.source.text(last) == "Column" else None
    name = view.evaluator.text(first) if isinstance(first, Place) else ""
    return _Column(name, _values(view, [place]) if is_status(name) else (), _default(view, place)) if name else None


def _in_sql(view: View, node: Node) -> None:
    text = view.source.text(node)
    lowered = text.lower()
    if "create" not in lowered or "table" not in lowered:
        return
    quotes = 3 if text.lstrip("rbuRBUfF").startswith(('"""', "'''")) else 1
    offset = len(text) - len(text.lstrip("rbuRBUfF")) + quotes
    row, start = node.start_point.row, node.start_byte + offset
    for table in sql_tables(text[offset:-quotes]):
        moved = replace(table, line=table.line + row, end_line=table.end_line + row, start=table.start + start, end=table.end + start)
        _judge(view, node, moved, "sql", migration=True)


def _record(view: View, node: Node, model: str, table: str, columns: list[_Column], orm: str, *, migration: bool = False) -> None:
    location = view.source.location(node)
    statuses = next((c.values for c in columns if c.values), ())
    defaults = {c.name: c.default for c in columns if c.default is not None}
    span = (location.line, location.end_line, location.span.start, location.span.end)
    _judge(view, node, Declared(model, table, tuple(c.name for c in columns), statuses, *span, defaults), orm, migration=migration)


def _judge(view: View, node: Node, declared: Declared, orm: str, *, migration: bool) -> None:
    evidence = _evidence(declared.model, declared) or _evidence(declared.table, declared)
    evidence = evidence or _claimed(view, declared)
    if not evidence:
        return
    name = child(node, "name") if node.type in CLASSES else None
    symbol = view.source.text(name) if name is not None else "" if migration else _holder(view, node)
    record_declared(view.found, view.source, node, declared, evidence, orm=orm, symbol=symbol, migration=migration)


def _evidence(name: str, declared: Declared) -> tuple[str, ...]:
    return judge(name, declared.columns, declared.statuses, deletes=True)


def _claimed(view: View, declared: Declared) -> tuple[str, ...]:
    """The signals that speak for a table whose rows are taken in the file that declares it, whatever its columns are."""
    named = sounds_like_jobs(declared.table) or sounds_like_jobs(declared.model)
    if not named or not _CLAIMS.search(view.source.data):
        return ()
    has_status = any(is_status(c) for c in declared.columns)
    if not has_status and not any(payload(c) for c in declared.columns):
        return ()
    told = (*(["has a status"] if has_status else []), f"is called {declared.table}", *signals(declared.columns))
    return (*told, "rows are taken with SKIP LOCKED")


def _holder(view: View, node: Node) -> str:
    left = child(node.parent, "left") if node.parent is not None and node.parent.type == "assignment" else None
    return view.source.text(left) if left is not None and left.type == "identifier" else ""
