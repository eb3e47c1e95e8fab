"""Hand-rolled job tables in TypeScript and JavaScript: rows put in, rows taken out, kinds of job told apart, timers around them.

Nothing here is certain by name alone: a table is a job table by the signals of `job_tables`, a call counts when it touches such a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrator.jobs import Enqueue, Literal
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.job_tables import JobTable
from migrator.scanners.linking import UNKNOWN, Instance, Meaning, Member, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.sql.files import history_of
from migrator.scanners.sql.in_code import takes_back
from migrator.scanners.typescript import (
    job_table_callers,
    job_table_declarations,
    job_table_dispatch,
    job_table_idle,
    job_table_registry,
    job_table_rows,
    job_table_rpc,
    job_table_sql,
    job_table_takers,
    job_table_timers,
)
from migrator.scanners.typescript.job_table_values import Given, Row, read_row
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, enclosing, field
from migrator.systems.postgres_table import SYSTEM

NAME = SYSTEM.name
_TRANSACTION = regex(r"(this\.)?(tx|trx|transaction)\b")


def read(call: Call) -> None:
    """Sort one call that may touch a job table, or that sets a timer."""
    name = call.view.source.text(call.name) if not call.via else ""
    if name in job_table_timers.METHODS:
        call.view.found.calls["timer"].append(call)
    if job_table_sql.method_of(call) == job_table_registry.METHOD:
        job_table_registry.register(call)
    put = job_table_rows.inserted(call)
    if put is not None:
        _enqueue(call, put.table, [call.view.evaluator.entries(row) for row in put.rows], put.form)
        return
    if name == job_table_rpc.METHOD:
        put = job_table_rpc.inserted(call)
        if put is not None:
            _enqueue(call, put.table, [put.row], job_table_rpc.METHOD)
        elif job_table_rpc.claims(call):
            job_table_takers.take(call)
        return
    sql = job_table_sql.statement(call) if job_table_sql.method_of(call) in job_table_sql.METHODS else None
    if sql is not None:
        # What a migration does when it is taken back is not what the application does.
        if not (history_of(call.view.source.path) and takes_back(call.view, call.node)):
            _sql(call, sql)
    elif name in job_table_takers.METHODS and job_table_takers.claims(call) and job_table_rows.table_of(call) is not None:
        job_table_takers.take(call)


def _sql(call: Call, sql: job_table_sql.Statement) -> None:
    put = job_table_sql.insertion(call.view, sql)
    if put is not None:
        rows: list[Mapping[str, Given]] = [put.row]
        if put.rows is not None:
            rows = [call.view.evaluator.entries(row) for row in objects(call.view, put.rows)]
        _enqueue(call, put.table or JobTable("", "", put.columns, ("names the kind of job",)), rows, "insert into")
    function = enclosing(call.node, FUNCTIONS)
    if not call.via and job_table_sql.takes(call.view, sql, call.view.source.text(function) if function is not None else ""):
        job_table_takers.take(call)


def _enqueue(call: Call, table: JobTable, rows: Sequence[Mapping[str, Given]], form: str) -> None:
    view = call.view
    row: Row = read_row(view, table, rows)
    receiver = call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=row.name,
            form=f"retry by {form}" if row.retries else form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=Literal(table.table) if table.table else None,
            arguments=row.arguments,
            options=row.options,
            delay=row.delay,
            eta=row.eta,
            priority=row.priority,
            dedupe=row.dedupe,
            max_attempts=row.max_attempts,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node) or len(rows) > 1,
            in_transaction=_in_transaction(call.inner),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
            confidence="certain" if table.table else "likely",
            reason="" if table.table else "the table's name is only known at run time; its columns are those of a job table",
        )
    )


def _in_transaction(place: Place) -> bool:
    """True inside the callback of a `transaction(…)`, or on a receiver that is called like one."""
    text = place.source.text
    receiver = field(callee_of(place.node), "object")
    if receiver is not None and _TRANSACTION.match(text(receiver)):
        return True
    for ancestor in ancestors(place.node):
        if ancestor.type == "call_expression":
            method = field(callee_of(ancestor), "property")
            if method is not None and text(method).lstrip("$") in ("transaction", "begin"):
                return True
    return False


def _file(view: View) -> None:
    for node in job_table_sql.loose(view):
        call = Call(view, node, UNKNOWN, "", node, view.place(node))
        sql = job_table_sql.statement(call)
        if sql is not None:
            _sql(call, sql)


def _finish(found: Found) -> None:
    job_table_dispatch.find_kinds(found)
    job_table_callers.find_callers(found)
    job_table_timers.find_schedules(found)
    job_table_idle.report_idle(found)


def _leads(found: Found, meaning: Meaning) -> bool:
    """True for a job table among all that Drizzle makes."""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.call is not None:
            at = (meaning.call.source.path, meaning.call.node.start_byte)
            if any(t.at == at for t in found.tables):
                return True
        meaning = meaning.of
    return False


READER = Reader(
    system=NAME,
    markers=job_table_sql.MARKERS,
    packages=(job_table_declarations.DRIZZLE,),
    call=read,
    file=_file,
    finish=_finish,
    leads=_leads,
    methods=job_table_rows.METHODS | job_table_sql.METHODS | job_table_takers.METHODS | job_table_timers.METHODS | {job_table_rpc.METHOD},
    declares=job_table_declarations.declare,
    declaring=job_table_declarations.MARKERS,
)
