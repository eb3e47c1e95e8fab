"""What a row of a job table says about its job in Python: kind, time to run, attempts, payload; and the words that an enum holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from migrator.jobs import Argument, Literal, Value, affine
from migrator.regex import regex
from migrator.scanners.job_tables import JobTable, is_status, origin, payload, retries_added, snake, when
from migrator.scanners.linking import Defined, Known, Place, Structure
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, callee_of
from migrator.syntax.tree import field as child

#: what a row is given for a column: an expression, or a literal of SQL
Given = Place | str

_DEDUPE = regex(r"^(unique_key|idempotency_key|dedupe?_key|deduplication_key|job_key|singleton_key|external_id)$")
_WRAPPERS = frozenset(("json.dumps", "orjson.dumps", "psycopg2.extras.Json", "psycopg.types.json.Json", "psycopg.types.json.Jsonb"))


class Row(msgspec.Struct, frozen=True):
    """The neutral fields of an enqueue. `name` is empty where the kind of job is only known at run time."""

    name: str
    arguments: tuple[Argument, ...] = ()
    options: dict[str, Value] = msgspec.field(default_factory=dict[str, Value])
    eta: Value | None = None
    priority: Value | None = None
    dedupe: Value | None = None
    max_attempts: Value | None = None
    status: str = ""
    retries: bool = False  #: another attempt at a job that there was, with a link to it


def read_row(view: View, table: JobTable, rows: Sequence[Mapping[str, Given]]) -> Row:
    """What rows say; where there are several, the first one speaks for the rest."""
    first = rows[0] if rows else {}
    known = {snake(column): given for column, given in first.items()}
    run = next((given for column, given in known.items() if when(column)), None)
    body = next((given for column, given in known.items() if payload(column)), None)
    limit = next(((given, more) for column, given in known.items() if (more := retries_added(column)) is not None), None)
    status = next((given for column, given in known.items() if is_status(column)), "")
    return Row(
        name=_kind(view, table, rows),
        arguments=(view.argument(_unwrapped(view, body)),) if isinstance(body, Place) else (),
        options={column: _value(view, given) for column, given in first.items() if not payload(column)},
        eta=_value(view, run) if run is not None else None,
        priority=_value(view, known["priority"]) if "priority" in known else None,
        dedupe=next((_value(view, given) for column, given in known.items() if _DEDUPE.match(column)), None),
        max_attempts=affine(_value(view, limit[0]), offset=limit[1]) if limit is not None else None,
        status=status if isinstance(status, str) else text_of(view, status) or status.text,
        retries=any(origin(column) for column in known),
    )


def _kind(view: View, table: JobTable, rows: Sequence[Mapping[str, Given]]) -> str:
    """The kind of job that all the rows say they are; the table's own name where it holds only one kind."""
    if not table.kinds:
        return table.model
    names: set[str] = set()
    for row in rows:
        given = next((row[k] for column in table.kinds for k in row if snake(k) == snake(column)), None)
        names.add(given if isinstance(given, str) else text_of(view, given) if given is not None else "")
    return names.pop() if len(names) == 1 else ""


def text_of(view: View, place: Place) -> str:
    """The text that an expression stands for, also as `Kind.MAIL.value`, and as a member of Django's `TextChoices`."""
    text = view.evaluator.text(place)
    if text:
        return text
    owner, name = child(place.node, "object"), child(place.node, "attribute")
    if owner is not None and name is not None and place.source.text(name) in ("value", "name"):
        return text_of(view, Place(place.source, owner, place.frame))
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Structure) and meaning.is_list and "0" in meaning.entries:
        return view.evaluator.text(meaning.entries["0"])
    return ""


def words_of(view: View, place: Place) -> Iterator[str]:
    """The words that an enum, a list of choices or a text holds: names of members, and their values."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Known) and isinstance(meaning.value, str):
        yield meaning.value
    elif isinstance(meaning, Structure):
        for entry in meaning.entries.values():
            inner = view.evaluator.meaning(entry)
            first = inner.entries.get("0") if isinstance(inner, Structure) else entry
            if first is not None:
                yield text_of(view, first)
    elif isinstance(meaning, Defined) and meaning.place.node.type in CLASSES:
        source, body = meaning.place.source, child(meaning.place.node, "body")
        for statement in body.named_children if body is not None else ():
            inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
            left, right = child(inner, "left"), child(inner, "right")
            if left is not None and right is not None and source.text(left).isupper():
                yield from (source.text(left), text_of(view, Place(source, right)))


def _unwrapped(view: View, body: Place) -> Place:
    """What `json.dumps(data)` carries."""
    body = view.evaluator.origin(body)
    callee = callee_of(body.node) if body.node.type == "call" else None
    if callee is not None and view.evaluator.of(body.source, callee, body.frame).key in _WRAPPERS:
        given = view.evaluator.arguments(body).get(0)
        return given if isinstance(given, Place) else body
    return body


def _value(view: View, given: Given) -> Value:
    if isinstance(given, str):
        return Literal(given)
    text = text_of(view, given)
    return Literal(text) if text else view.value(given)
