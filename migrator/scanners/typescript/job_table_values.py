"""What a row of a job table says about its job: kind, time to run, attempts, payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from migrator.jobs import Argument, Literal, Value, affine
from migrator.regex import regex
from migrator.scanners.job_tables import JobTable, origin, payload, retries_added, snake, when
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.moments import moment
from migrator.syntax.tree import callee_of

#: what a row is given for a column: an expression, or a literal of SQL
Given = Place | str

_DEDUPE = regex(r"^(unique_key|idempotency_key|dedupe?_key|deduplication_key|job_key|singleton_key|external_id)$")


class Row(msgspec.Struct, frozen=True):
    """The neutral fields of an enqueue. `name` is empty where the kind of job is only known at run time."""

    name: str
    arguments: tuple[Argument, ...] = ()
    options: dict[str, Value] = msgspec.field(default_factory=dict)
    delay: Value | None = None
    eta: Value | None = None
    priority: Value | None = None
    dedupe: Value | None = None
    max_attempts: Value | None = None
    retries: bool = False  #: another attempt at a job that there was, with a link to it


def kind_of(view: View, table: JobTable, rows: Sequence[Mapping[str, Given]]) -> str:
    """The kind of job that all the rows say they are; the table's own name where it holds only one kind."""
    if not table.kinds:
        return table.model
    names: set[str] = set()
    for row in rows:
        given = next((row[k] for column in table.kinds for k in row if snake(k) == snake(column)), None)
        names.add(given if isinstance(given, str) else view.evaluator.text(given))
    return names.pop() if len(names) == 1 else ""


def read_row(view: View, table: JobTable, rows: Sequence[Mapping[str, Given]]) -> Row:
    """What rows say; where there are several, the first one speaks for the rest."""
    first = rows[0] if rows else {}
    known = {snake(column): given for column, given in first.items()}
    run = next((given for column, given in known.items() if when(column)), None)
    delay, eta = moment(view, run) if isinstance(run, Place) else (None, Literal(run) if run is not None else None)
    body = next((given for column, given in known.items() if payload(column)), None)
    limit = next(((given, more) for column, given in known.items() if (more := retries_added(column)) is not None), None)
    return Row(
        name=kind_of(view, table, rows),
        arguments=(view.argument(_unwrapped(view, body)),) if isinstance(body, Place) else (),
        options={column: _value(view, given) for column, given in first.items() if not payload(column)},
        delay=delay,
        eta=eta,
        priority=_value(view, known["priority"]) if "priority" in known else None,
        dedupe=next((_value(view, given) for column, given in known.items() if _DEDUPE.match(column)), None),
        max_attempts=affine(_value(view, limit[0]), offset=limit[1]) if limit is not None else None,
        retries=any(origin(column) for column in known),
    )


def _unwrapped(view: View, body: Place) -> Place:
    """What `{ ...data }` and `JSON.stringify(data)` carry."""
    body = view.evaluator.origin(body)
    inner = [c for c in body.node.named_children if c.type != "comment"]
    if body.node.type == "object" and len(inner) == 1 and inner[0].type == "spread_element":
        return Place(body.source, inner[0].named_children[0], body.frame)
    callee = callee_of(body.node) if body.node.type == "call_expression" else None
    if callee is not None and body.source.text(callee) == "JSON.stringify":
        given = view.evaluator.arguments(body).get(0)
        return given if isinstance(given, Place) else body
    return body


def _value(view: View, given: Given) -> Value:
    return Literal(given) if isinstance(given, str) else view.value(given)
