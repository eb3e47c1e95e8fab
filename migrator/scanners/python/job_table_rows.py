"""Rows put into a job table through an ORM: which table, what the rows say, and where they are made.

`form`: `add` for what a session is given, `save`, and the method as called for all others.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.scanners.job_tables import JobTable
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place, parts
from migrator.scanners.python.dictionaries import entries, listed
from migrator.scanners.python.django_rows import BULK, WRITES, fields, model_of, model_written
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, callee_of
from migrator.syntax.tree import field as child

_SESSION = frozenset(("add", "add_all", "bulk_save_objects", "merge"))
_SAVES = frozenset(("save", "asave"))
_INSERTS = frozenset(("values", "insert", "insert_many", "execute"))
#: methods of the calls below, so that every such call is looked at
METHODS = WRITES | BULK | _SESSION | _SAVES | _INSERTS
#: what makes an insert in SQLAlchemy
_MAKES = frozenset(
    ("sqlalchemy.insert", "sqlalchemy.dialects.postgresql.insert", "sqlalchemy.sql.insert", "sqlalchemy.sql.expression.insert")
)


class Inserted(msgspec.Struct, frozen=True):
    """What a call puts into `table`: the rows as far as they are written; `made` is the call that makes a row, where that is another."""

    table: JobTable
    rows: tuple[dict[str, Place], ...]
    form: str
    made: Place | None = None


def inserted(call: Call) -> Iterator[Inserted]:
    """The rows that a call inserts."""
    view = call.view
    if not view.found.tables:
        return
    method = _method(call)
    given = call.arguments
    first = given.get(0)
    if method in WRITES:
        yield from _created(call, method)
    elif method in BULK | _SESSION and first is not None:
        several = method in BULK or method in ("add_all", "bulk_save_objects")
        for place in listed(view, first) if several else (first,):
            made = _constructed(view, place)
            if made is not None:
                yield Inserted(made[0], (made[1],), "add" if method in _SESSION else method, made[2])
    elif method in _SAVES:
        receiver = _receiver(call)
        made = _constructed(view, receiver) if receiver is not None else None
        if made is not None:
            yield Inserted(made[0], (made[1],), "save", made[2])
    elif method == "execute":
        # The rows of `execute(insert(Job), rows)` stand beside it; those of `insert(Job).values(…)` are found there.
        table = _inserting(view, view.evaluator.meaning(first)) if first is not None else None
        rows = given.get(1)
        if table is not None and rows is not None:
            yield Inserted(table, tuple(_rows(view, rows)), "insert")
    elif method in _INSERTS:
        yield from _written(call, method)


def _created(call: Call, method: str) -> Iterator[Inserted]:
    """`Job.objects.create(…)` of Django, `Job.create(…)` of peewee and Tortoise."""
    view = call.view
    model = model_written(call.callee)
    table = table_of_class(view, model) if model is not None else None
    if table is None:
        owner, _ = parts(call.callee)
        table = table_of_class(view, owner) if owner is not None else None
        table = table if table is not None and table.orm in ("peewee", "tortoise") else None
    if table is not None:
        yield Inserted(table, (fields(view, call.inner),), method)


def _written(call: Call, method: str) -> Iterator[Inserted]:
    """`insert(Job).values(…)`, `jobs.insert().values(…)`, peewee's `Job.insert(…)` and `Job.insert_many(…)`."""
    view = call.view
    owner, _ = parts(call.callee)
    if owner is None:
        return
    if method == "values":
        table = _inserting(view, owner)
    else:
        table = table_of_class(view, owner)
        table = table if table is not None and table.orm == "peewee" else None
    if table is None:
        return
    first = call.arguments.get(0)
    rows = tuple(_rows(view, first)) if first is not None else (fields(view, call.inner),)
    yield Inserted(table, rows, "insert")


def _rows(view: View, place: Place) -> Iterator[dict[str, Place]]:
    """A dictionary, or a list of them."""
    own = entries(view, place)
    if own:
        yield own
    else:
        yield from (entries(view, each) for each in listed(view, place))


def _inserting(view: View, meaning: Meaning) -> JobTable | None:
    """The table of `insert(Job)`, `jobs.insert()` and `Job.__table__.insert()`, whatever was called on it since."""
    while isinstance(meaning, Instance):
        if meaning.of.key in _MAKES and meaning.call is not None:
            first = view.evaluator.arguments(meaning.call).get(0)
            return table_at(view, first) if isinstance(first, Place) else None
        owner, name = parts(meaning.of)
        if owner is None:
            return None
        if name == "insert":
            return table_of(view, owner)
        meaning = owner
    return None


def _constructed(view: View, place: Place) -> tuple[JobTable, dict[str, Place], Place] | None:
    """(table, row, call) of an object that was made of a job table's class; one that was read from the database is only changed."""
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None or not isinstance(meaning.of, Defined):
        return None
    table = table_of_class(view, meaning.of)
    return (table, fields(view, meaning.call), meaning.call) if table is not None else None


def table_at(view: View, place: Place) -> JobTable | None:
    """The job table that an expression stands for."""
    return table_of(view, view.evaluator.meaning(place))


def table_of(view: View, meaning: Meaning) -> JobTable | None:
    """The job table of a model's class, of `Model.__table__`, of a manager, or of `Table(…)`."""
    if isinstance(meaning, Member) and meaning.name == "__table__":
        meaning = meaning.of
    manager = model_of(meaning)
    if manager is not None:
        return table_of_class(view, manager)
    if isinstance(meaning, Instance) and meaning.call is not None:
        at = (meaning.call.source.path, meaning.call.node.start_byte)
        return next((t for t in view.found.tables if t.at == at), None)
    return table_of_class(view, meaning)


def table_of_class(view: View, meaning: Meaning) -> JobTable | None:
    """The job table of a model's class."""
    if not isinstance(meaning, Defined) or meaning.place.node.type not in CLASSES:
        return None
    at = (meaning.place.source.path, meaning.place.node.start_byte)
    return next((t for t in view.found.tables if t.at == at), None)


def _method(call: Call) -> str:
    """The last name of what is called, in a wrapper that of the call within it."""
    function = callee_of(call.inner.node)
    name = child(function, "attribute")
    return call.inner.source.text(name) if name is not None else ""


def _receiver(call: Call) -> Place | None:
    owner = child(callee_of(call.inner.node), "object")
    return Place(call.inner.source, owner, call.inner.frame) if owner is not None else None
