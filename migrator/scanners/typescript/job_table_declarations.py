"""Tables that TypeScript and JavaScript declare: Drizzle, TypeORM, Sequelize, migrations of Knex and Kysely, and SQL in strings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from migrator.scanners.job_tables import has_lock, is_status, judge
from migrator.scanners.linking import Defined, Instance, Place, Structure
from migrator.scanners.linking.classes import member_names
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import View
from migrator.scanners.sql import Declared, record_declared
from migrator.scanners.sql.declarations import sql_tables
from migrator.scanners.typescript.statements import holder
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, field, walk

DRIZZLE = "drizzle-orm/pg-core"
#: what a Drizzle table is made with
DRIZZLE_TABLES = frozenset((f"{DRIZZLE}.pgTable", f"{DRIZZLE}.pgTableCreator()", f"{DRIZZLE}.pgSchema().table"))
_ENTITIES = {"typeorm.Entity": "typeorm", "sequelize-typescript.Table": "sequelize", "@mikro-orm/core.Entity": "mikro-orm"}
#: bytes of which one stands in every file that declares a table
MARKERS = (
    *(b"pgTable", b"pgSchema", b"@Entity", b"@Table", b"DataTypes", b"createTable"),
    *(b"CREATE TABLE", b"create table", b"CREATE UNLOGGED TABLE"),
)


def declare(view: View) -> None:
    """Record every job table that the file declares."""
    for node in view.source.nodes("call_expression", "class_declaration", "abstract_class_declaration", "string", "template_string"):
        if node.type == "call_expression":
            _called(view, node)
        elif node.type in CLASSES:
            _entity(view, node)
        else:
            _in_sql(view, node)


def _called(view: View, node: Node) -> None:
    function, evaluator = callee_of(node), view.evaluator
    if function is None:
        return
    method = view.source.text(field(function, "property") or function)
    arguments = {k: v for k, v in evaluator.arguments(view.place(node)).items() if isinstance(v, Place)}
    name = evaluator.text(arguments.get(0))
    if method in ("createTable", "createTableIfNotExists") and name:
        built = _built(view, arguments.get(1)) if 1 in arguments else _chained(view, node)
        _record(view, node, name, name, built, "", migration=True)
    elif method == "define" and name and _is_sequelize(arguments.get(1)):
        options = evaluator.entries(arguments[2]) if 2 in arguments else {}
        table = evaluator.text(options.get("tableName")) or name
        _record(view, node, name, table, _columns(view, evaluator.entries(arguments[1])), "sequelize")
    elif method == "init" and _is_sequelize(arguments.get(0)):
        _initialised(view, function, arguments)
    elif name and evaluator.of(view.source, function).key in DRIZZLE_TABLES:
        _record(view, node, name, name, _columns(view, _drizzle_columns(view, arguments.get(1))), "drizzle")


def _initialised(view: View, function: Node, arguments: dict[int | str, Place]) -> None:
    """`class Job extends Model {}` and `Job.init({ … }, { tableName })`."""
    owner = field(function, "object")
    model = view.evaluator.of(view.source, owner) if owner is not None else None
    if isinstance(model, Defined) and model.place.node.type in CLASSES:
        options = view.evaluator.entries(arguments[1]) if 1 in arguments else {}
        table = view.evaluator.text(options.get("tableName")) or model.name
        _record(view, model.place.node, model.name, table, _columns(view, view.evaluator.entries(arguments[0])), "sequelize")


def _is_sequelize(columns: Place | None) -> bool:
    return columns is not None and columns.node.type == "object" and ("DataTypes." in columns.text or "Sequelize." in columns.text)


def _drizzle_columns(view: View, columns: Place | None) -> dict[str, Place]:
    """`{ … }`, or `(t) => ({ … })`."""
    if columns is None:
        return {}
    meaning = view.evaluator.meaning(columns)
    if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
        returned = next(return_values(meaning.place.node), None)
        return view.evaluator.entries(Place(meaning.place.source, returned, meaning.place.frame)) if returned is not None else {}
    return view.evaluator.entries(columns)


_Columns = list[tuple[str, tuple[str, ...], int | str | None]]


def _columns(view: View, entries: dict[str, Place]) -> _Columns:
    """(name, values that it can take, default) of each column of an object of columns."""
    found: _Columns = []
    for name, place in entries.items():
        values = _values(view, place) if is_status(name) else ()
        found.append((name, values, _default(view, place)))
    return found


def _default(view: View, column: Place) -> int | str | None:
    """`.default(3)`, `.defaultTo(3)`, `{ defaultValue: 3 }`, `{ default: 3 }`."""
    for call in walk(column.node, ("call_expression",)):
        method = field(callee_of(call), "property")
        if method is not None and column.source.text(method) in ("default", "defaultTo"):
            given = view.evaluator.arguments(Place(column.source, call, column.frame)).get(0)
            value = view.evaluator.known(given) if isinstance(given, Place) else None
            return value if isinstance(value, int | str) else None
    entries = view.evaluator.entries(column)
    value = next((view.evaluator.known(entries[k]) for k in ("defaultValue", "default") if k in entries), None)
    return value if isinstance(value, int | str) else None


def _values(view: View, column: Place) -> tuple[str, ...]:
    """The values of an enumeration that a column's declaration mentions: a list of texts, `pgEnum`, a TypeScript enum, a union of texts."""
    for node in walk(column.node, ("call_expression", "array", "identifier", "union_type", "type_identifier")):
        place = Place(column.source, node, column.frame)
        if node.type == "union_type":
            found = tuple(column.source.text(t).strip("'\"") for t in walk(node, ("string",)))
        else:
            found = _enumerated(view, place)
        if len(found) > 1:
            return found
    return ()


def _enumerated(view: View, place: Place) -> tuple[str, ...]:
    evaluator = view.evaluator
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.of.key == f"{DRIZZLE}.pgEnum" and meaning.call is not None:
        listed = evaluator.arguments(meaning.call).get(1)
        return evaluator.known_list(listed) if isinstance(listed, Place) else ()
    if isinstance(meaning, Structure):
        return evaluator.known_list(place)
    if isinstance(meaning, Defined) and meaning.place.node.type == "enum_declaration":
        source, node = meaning.place.source, meaning.place.node
        values = [evaluator.text(Place(source, v)) for m in _members(node) if (v := field(m, "value")) is not None]
        return tuple(v for v in values if v) or tuple(source.text(field(m, "name") or m) for m in _members(node))
    return ()


def _members(enumeration: Node) -> list[Node]:
    body = field(enumeration, "body")
    return [m for m in (body.named_children if body is not None else ()) if m.type != "comment"]


def _built(view: View, builder: Place | None) -> _Columns:
    """Knex: `(t) => { t.string("status").defaultTo("new"); t.jsonb("payload"); }`."""
    meaning = view.evaluator.meaning(builder) if builder is not None else None
    if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
        return []
    source, found = meaning.place.source, list[tuple[str, tuple[str, ...], int | str | None]]()
    for statement in walk(meaning.place.node, ("expression_statement",)):
        chain = [c for c in walk(statement, ("call_expression",)) if field(c, "function", "object", "function") is None]
        given = view.evaluator.arguments(Place(source, chain[0])).get(0) if chain else None
        name = view.evaluator.text(given) if isinstance(given, Place) else ""
        if name:
            place = Place(source, statement.named_children[0])
            found.append((name, _values(view, place) if is_status(name) else (), _default(view, place)))
    return found


def _chained(view: View, node: Node) -> _Columns:
    """Kysely: `db.schema.createTable("jobs").addColumn("status", "text", (c) => c.defaultTo("new"))…`."""
    found: _Columns = []
    while node.parent is not None and node.parent.type == "member_expression" and node.parent.parent is not None:
        method, node = field(node.parent, "property"), node.parent.parent
        if method is None or view.source.text(method) != "addColumn":
            continue
        place = view.place(node)
        given = view.evaluator.arguments(place).get(0)
        name = view.evaluator.text(given) if isinstance(given, Place) else ""
        definition = view.evaluator.arguments(place).get(2)
        if name:
            found.append((name, (), _default(view, definition) if isinstance(definition, Place) else None))
    return found


def _entity(view: View, node: Node) -> None:
    """`@Entity("jobs") class Job { @Column() status: JobStatus; … }`."""
    for decorator in _decorators(node):
        made = decorator.named_children[0] if decorator.named_children else None
        function = callee_of(made) or made
        orm = _ENTITIES.get(view.evaluator.of(view.source, function).key) if function is not None else None
        name = field(node, "name")
        if orm is None or name is None:
            continue
        given = view.evaluator.arguments(view.place(made)).get(0) if made is not None and made.type == "call_expression" else None
        table = ""
        if isinstance(given, Place):
            entries = view.evaluator.entries(given)
            table = view.evaluator.text(given) or view.evaluator.text(entries.get("name") or entries.get("tableName"))
        model = view.source.text(name)
        _record(view, node, model, table or model, list(_fields(view, node)), orm)


def _decorators(node: Node) -> list[Node]:
    around = node.parent if node.parent is not None and node.parent.type == "export_statement" else None
    return [c for c in (*(around.named_children if around is not None else ()), *node.named_children) if c.type == "decorator"]


def _fields(view: View, node: Node) -> Iterator[tuple[str, tuple[str, ...], int | str | None]]:
    body = field(node, "body")
    declared = set(member_names(view.source, node))
    pending: list[Node] = []
    for child in body.named_children if body is not None else ():
        if child.type == "decorator":
            pending.append(child)
            continue
        key = field(child, "name") or field(child, "property")
        own = pending + [c for c in child.named_children if c.type == "decorator"]
        pending = []
        if key is None or not own or view.source.text(key) not in declared or child.type == "method_definition":
            continue
        name = view.source.text(key)
        places = [view.place(n) for n in (*own, field(child, "type")) if n is not None]
        values = next((v for p in places if is_status(name) and (v := _values(view, p))), ())
        options = [view.evaluator.arguments(view.place(c)) for d in own for c in d.named_children if c.type == "call_expression"]
        defaults = [_default(view, p) for given in options for p in given.values() if isinstance(p, Place)]
        yield name, values, next((d for d in defaults if d is not None), None)


def _in_sql(view: View, node: Node) -> None:
    text = view.source.text(node)
    if "table" not in text.lower() or "create" not in text.lower():
        return
    row, start = node.start_point.row, node.start_byte + 1
    for table in sql_tables(text[1:-1]):
        line, last = table.line + row, table.end_line + row
        _judge(
            view, node, replace(table, line=line, end_line=last, start=table.start + start, end=table.end + start), "sql", migration=True
        )


def _record(view: View, node: Node, model: str, table: str, columns: _Columns, orm: str, *, migration: bool = False) -> None:
    location = view.source.location(node)
    statuses = next((values for _, values, _ in columns if values), ())
    defaults = {name: default for name, _, default in columns if default is not None}
    span = (location.line, location.end_line, location.span.start, location.span.end)
    _judge(view, node, Declared(model, table, tuple(c for c, _, _ in columns), statuses, *span, defaults), orm, migration=migration)


def _judge(view: View, node: Node, declared: Declared, orm: str, *, migration: bool) -> None:
    deletes = has_lock(declared.columns)
    judged = (judge(name, declared.columns, declared.statuses, deletes=deletes) for name in (declared.model, declared.table))
    evidence = next((signals for signals in judged if signals), ())
    if not evidence:
        return
    name = field(node, "name") if node.type in CLASSES else None
    symbol = view.source.text(name) if name is not None else "" if migration else holder(view.source, node)[0]
    record_declared(view.found, view.source, node, declared, evidence, orm=orm, symbol=symbol, migration=migration)
