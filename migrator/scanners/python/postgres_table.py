"""Hand-rolled job tables in Python: rows put in, rows taken out, kinds of job told apart.

Nothing here is certain by name alone: a table is a job table by the signals of `job_tables`, a call counts when it touches such a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrator.jobs import Client, Enqueue, Item, Job, Literal, Location, Unresolved, Worker
from migrator.scanners.found import Found
from migrator.scanners.job_tables import JobTable, is_waiting
from migrator.scanners.python import job_table_dispatch, job_table_models, job_table_rows, job_table_sql, job_table_workers
from migrator.scanners.python.job_table_values import Given, read_row
from migrator.scanners.python.job_table_workers import NAME
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.job_table_sql import insertion, takes
from migrator.syntax.tree import callee_of, enclosing
from migrator.syntax.tree import field as child

_DYNAMIC = "the kind of job is only known at run time"


def _read(call: Call) -> None:
    """Sort one call that may touch a job table."""
    method = call.view.source.text(call.name) if not call.via else ""
    if method in job_table_workers.LOCKS:
        job_table_workers.lock(call)
        return
    found = list(job_table_rows.inserted(call))
    for put in found:
        _enqueue(call, put.table, put.rows, put.form, _place_of(call, put))
    function = callee_of(call.inner.node)
    name = child(function, "attribute") or function
    if not found and name is not None and call.inner.source.text(name) in job_table_sql.METHODS:
        _sql(call)


def _place_of(call: Call, put: job_table_rows.Inserted) -> Location:
    """A row that is made and then handed on stands where it is made."""
    made = put.made
    if made is None or call.via or made.source is not call.view.source:
        return call.location
    function = callee_of(made.node)
    return made.source.location(made.node, at=child(function, "attribute") or function or made.node)


def _sql(call: Call) -> None:
    view = call.view
    sql = job_table_sql.statement(call)
    if sql is None:
        return
    put = insertion(view, sql)
    if put is not None and put.table is not None:
        _enqueue(call, put.table, [put.row], "insert into", call.location)
    function = enclosing(call.node, ("function_definition",))
    if not call.via and takes(view, sql, view.source.text(function) if function is not None else ""):
        job_table_workers.take(call, put.table if put is not None else None)


def _enqueue(call: Call, table: JobTable, rows: Sequence[Mapping[str, Given]], form: str, location: Location) -> None:
    view = call.view
    row = read_row(view, table, rows)
    # A row that is put in as done, or as running already, is only a note of what happens here.
    if row.status and not is_waiting(row.status):
        return
    common = call.common(NAME)
    common["location"] = location
    where = around(call, lambda _: "")
    where["in_loop"] = where["in_loop"] or len(rows) > 1
    view.add(
        Enqueue(
            **common,
            **where,
            name=row.name,
            form=f"retry by {form}" if row.retries else form,
            confidence="certain" if row.name else "likely",
            reason="" if row.name else _DYNAMIC,
            queue=Literal(table.table),
            arguments=row.arguments,
            options=row.options,
            eta=row.eta,
            priority=row.priority,
            dedupe=row.dedupe,
            max_attempts=row.max_attempts,
        )
    )


def _file(view: View) -> None:
    job_table_workers.racy(view)


def _finish(found: Found) -> None:
    takers = [i for i in found.items if isinstance(i, Worker) and i.system == NAME and not i.area]
    if any(i.language == "python" for i in takers):
        for view in found.views:
            if view.source.is_python and not view.area:
                job_table_dispatch.dispatch(view)
        job_table_workers.find_callers(found)
    if not any(isinstance(i, Job | Worker) and i.system == NAME for i in found.items):
        _report_idle(found)


def _report_idle(found: Found) -> None:
    """What looks like a job table, but nothing takes rows out of it: loose ends, as it may be a mere note of what happens elsewhere."""
    idle = [i for i in found.items if isinstance(i, Client | Enqueue) and i.system == NAME and i.language == "python"]
    found.unresolved += [_loose_end(i) for i in idle if not i.area]
    known = {id(i) for i in idle}
    found.items[:] = [i for i in found.items if id(i) not in known]


def _loose_end(item: Item) -> Unresolved:
    what = "a row is put into what looks like a job table" if isinstance(item, Enqueue) else "looks like a job table"
    return Unresolved(item.location.path, item.location.line, f"{what}, but nothing in this tree takes rows out of it", NAME)


READER = Reader(
    system=NAME,
    markers=job_table_sql.MARKERS,
    packages=(),
    call=_read,
    file=_file,
    finish=_finish,
    methods=job_table_rows.METHODS | job_table_sql.METHODS | job_table_workers.LOCKS,
    declares=job_table_models.declare,
    declaring=job_table_models.MARKERS,
    weak=dict.fromkeys({*job_table_models.MARKERS} - {*job_table_sql.MARKERS}, job_table_models.may_declare),
)
