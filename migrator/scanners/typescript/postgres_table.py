"""Hand-rolled job tables in TypeScript and JavaScript: Drizzle and Prisma inserts, raw SQL, claims, and the dispatch by type.

Nothing here is certain by name alone: a table is a job table by the signals of `job_tables`, a call counts when it touches such a table.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.jobs import Enqueue, Job, Literal, Trigger, Unresolved, Worker
from migrator.scanners.job_tables import JobTable, judge
from migrator.scanners.linking import Defined, Instance, Known, Place, Structure
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.sql import Declared, client
from migrator.scanners.typescript.handlers import handler_of
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, ancestors, enclosing, field, walk
from migrator.systems.postgres_table import SYSTEM

NAME = SYSTEM.name
_DRIZZLE = "drizzle-orm/pg-core"
_TABLE_KEYS = (f"{_DRIZZLE}.pgTable", f"{_DRIZZLE}.pgTableCreator()")
_PRISMA_INSERTS = frozenset(("create", "createMany", "createManyAndReturn", "upsert"))
_INSERT = re.compile(r'\binsert\s+into\s+(?:\w+\.)?(?:"([^"]+)"|(\w+)|(\$\{))', re.IGNORECASE)
_INSERT_COLUMNS = re.compile(r"\binsert\s+into\s+[^(]*\(([^)]*)\)", re.IGNORECASE)
_CLAIM = re.compile(r"\bskip\s+locked\b", re.IGNORECASE)
_UPDATES = re.compile(r"\.update(Many)?\s*\(|\bupdate\s+[\s\S]*\bset\b", re.IGNORECASE)
_TAKES = re.compile(r"\bupdate\b[\s\S]*\bset\b[\s\S]*\b(status|state|locked)", re.IGNORECASE)
_DISPATCHED = re.compile(
    r"(^|\.)(job|row|task|record|item|claimed|next|message)\w*!?\??\.(type|kind|name|jobType|job_type|handler)$", re.IGNORECASE
)
_OTHER_SYSTEMS = (b"bullmq", b'"bull"', b"pg-boss", b"inngest", b"graphile-worker", b"agenda", b"@aws-sdk")


def read(call: Call) -> None:
    """A table declaration (Drizzle)."""
    if call.key in _TABLE_KEYS:
        table = _drizzle_table(call)
        if table is not None:
            declared = Declared(
                table.model,
                table.table,
                table.columns,
                (),
                call.location.line,
                call.location.end_line,
                call.node.start_byte,
                call.node.end_byte,
            )
            item = client(declared, call.view.source.path, call.view.source.language, table.evidence)
            call.view.add(item)


def read_file(view: View) -> None:
    """Everything that touches a job table, once the file's calls are known."""
    for node in walk(view.source.root, ("call_expression", "string", "template_string", "subscript_expression", "switch_statement")):
        if node.type == "call_expression":
            _inserted(view, node)
        elif node.type in ("string", "template_string"):
            _sql(view, node)
        elif not any(marker in view.source.data for marker in _OTHER_SYSTEMS):
            _dispatch(view, node)


def _drizzle_table(call: Call) -> JobTable | None:
    evaluator = call.view.evaluator
    name = evaluator.text(call.arguments.get(0))
    columns = evaluator.entries(call.arguments[1]) if 1 in call.arguments else {}
    evidence = judge(name, columns, _statuses(call, columns.get("status") or columns.get("state")))
    return JobTable(name, name, tuple(columns), evidence) if evidence else None


def _statuses(call: Call, column: Place | None) -> tuple[str, ...]:
    """The values of a `pgEnum` column, or of `text("status", { enum: […] })`."""
    evaluator = call.view.evaluator
    if column is None:
        return ()
    for node in walk(column.node, ("call_expression",)):
        place = Place(column.source, node, column.frame)
        given = evaluator.arguments(place)
        second = given.get(1)
        if isinstance(second, Place):
            values = evaluator.known_list(evaluator.entries(second).get("enum"))
            if values:
                return values
        function = field(node, "function")
        made = evaluator.of(column.source, function, column.frame) if function is not None else None
        if isinstance(made, Instance) and made.of.key == f"{_DRIZZLE}.pgEnum" and made.call is not None:
            listed = evaluator.arguments(made.call).get(1)
            if isinstance(listed, Place):
                return evaluator.known_list(listed)
    return ()


def _table_of(view: View, place: Place) -> JobTable | None:
    """The job table that a Drizzle table object stands for."""
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.of.key not in _TABLE_KEYS or meaning.call is None:
        return None
    call = Call(view, meaning.call.node, meaning.of, meaning.of.key, meaning.call.node, meaning.call)
    return _drizzle_table(call)


def _inserted(view: View, node: Node) -> None:
    """`db.insert(jobs).values(…)` and `prisma.job.create({ data })`, on any receiver."""
    function, arguments = field(node, "function"), field(node, "arguments")
    name = field(function, "property")
    if function is None or name is None or arguments is None:
        return
    method = view.source.text(name)
    given = [a for a in arguments.named_children if a.type != "comment"]
    if method == "insert" and len(given) == 1:
        table = _table_of(view, view.place(given[0]))
        if table is not None:
            row = _drizzle_row(node)
            _enqueue(view, node, name, table.model, row or node, f"{method}", _kind(view, row))
    elif method in _PRISMA_INSERTS:
        model = field(function, "object", "property") or field(function, "object")
        accessor = view.source.text(model) if model is not None else ""
        table = next((t for t in view.found.tables if t.model[:1].lower() + t.model[1:] == accessor), None)
        if table is not None and field(function, "object", "property") is not None:
            data = view.evaluator.entries(view.place(given[0])).get("data") if given else None
            _enqueue(view, node, name, table.model, node, f"{accessor}.{method}", _kind(view, data.node if data is not None else None))


def _drizzle_row(insert: Node) -> Node | None:
    """The argument of `.values(…)` after `.insert(…)`."""
    member = insert.parent
    call = member.parent if member is not None and member.type == "member_expression" else None
    arguments = field(call, "arguments")
    return arguments.named_children[0] if arguments is not None and arguments.named_children else None


def _kind(view: View, row: Node | None) -> str:
    """The kind of job that a row says it is, where that is written."""
    entries = view.evaluator.entries(view.place(row)) if row is not None else {}
    return next((t for key in ("type", "kind", "name", "jobType", "task") if (t := view.evaluator.text(entries.get(key)))), "")


def _enqueue(view: View, node: Node, name: Node, table: str, whole: Node, form: str, kind: str) -> None:
    location = view.source.location(node, at=name)
    row = view.place(whole) if whole.id != node.id else None
    view.add(
        Enqueue(
            **view.common(NAME, location),
            name=kind or table,
            form=form,
            call=span(node),
            queue=Literal(table),
            arguments=(view.argument(row),) if row is not None else (),
            awaited=view.awaited(node),
            in_loop=view.in_loop(node),
            in_transaction=_in_transaction(view, node),
            inside=view.around(node),
            result_used=view.result_used(node),
        )
    )


def _in_transaction(view: View, node: Node) -> bool:
    """True inside the callback of a `transaction(…)`, or on a receiver that is called like one."""
    receiver = field(node, "function", "object")
    text = view.source.text(receiver) if receiver is not None else ""
    if re.match(r"(this\.)?(tx|trx|transaction)\b", text):
        return True
    for ancestor in ancestors(node):
        if ancestor.type == "call_expression":
            method = field(ancestor, "function", "property")
            if method is not None and view.source.text(method).lstrip("$") in ("transaction", "begin"):
                return True
    return False


def _sql(view: View, node: Node) -> None:
    """An `INSERT` into a job table, or a claim with `SKIP LOCKED`, in a string of SQL."""
    text = view.source.text(node)
    function = enclosing(node, FUNCTIONS)
    if _CLAIM.search(text) and (_TAKES.search(text) or (function is not None and _UPDATES.search(view.source.text(function)))):
        around = view.around(node)
        view.add(Worker(**view.common(NAME, view.source.location(node)), name=around, command="", options={"claims": Literal(True)}))
    insert = _INSERT.search(text)
    if insert is None:
        return
    table = insert.group(1) or insert.group(2) or ""
    columns = _INSERT_COLUMNS.search(text)
    names = [c.strip().strip('"') for c in columns.group(1).split(",")] if columns else []
    known = next((t.table for t in view.found.tables if t.table.lower() == table.lower()), "")
    if not known and (table or not judge("job", [*names, "status"])):
        return
    location = view.source.location(node)
    view.add(
        Enqueue(
            **view.common(NAME, location),
            name=known or "",
            form="insert into",
            call=span(node),
            queue=Literal(known) if known else None,
            confidence="certain" if known else "likely",
            reason="" if known else "the table's name is only known at run time; its columns are those of a job table",
            in_loop=view.in_loop(node),
            in_transaction=_in_transaction(view, node),
            inside=view.around(node),
        )
    )


def _dispatch(view: View, node: Node) -> None:
    """`handlers[job.type]` and `switch (job.type)`: each entry or case is a job."""
    if node.type == "switch_statement":
        subject = field(node, "value")
        if subject is None or not _DISPATCHED.search(view.source.text(subject).strip("()")):
            return
        cases = [(c, view.evaluator.text(view.place(v))) for c in walk(node, ("switch_case",)) if (v := field(c, "value")) is not None]
        if len([name for _, name in cases if name]) < 2:
            return
        for case, name in cases:
            _job(view, view.place(case), name, "switch case", None)
        return
    table, index = field(node, "object"), field(node, "index")
    if table is None or index is None or not _DISPATCHED.search(view.source.text(index).rstrip("!")):
        return
    meaning = view.evaluator.of(view.source, table)
    if isinstance(meaning, Structure):
        functions = {k: p for k, p in meaning.entries.items() if isinstance(view.evaluator.meaning(p), Defined)}
        if len(functions) >= 2:
            for name, place in functions.items():
                _job(view, place, name, "handlers entry", place)
    elif not isinstance(meaning, Known):
        view.add(
            Unresolved(
                view.source.path, node.start_point.row + 1, "a table of handlers that could not be read", NAME, view.source.text(node)
            )
        )


def _job(view: View, place: Place, name: str, form: str, handler: Place | None) -> None:
    pair = place.node.parent if place.node.parent is not None and place.node.parent.type == "pair" else place.node
    location = place.source.location(pair)
    view.add(
        Job(
            **view.common(NAME, location),
            name=name,
            symbol=name,
            module=view.project.module_of(place.source.path),
            definition=span(pair),
            form=form,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            handler=handler_of(view, handler),
            confidence="likely",
            reason="dispatched by the type of a row",
        )
    )


READER = Reader(
    system=NAME,
    markers=(b"SKIP LOCKED", b"skip locked", b"pgTable", b"INSERT INTO", b"insert into"),
    packages=(_DRIZZLE,),
    call=read,
    file=read_file,
)
