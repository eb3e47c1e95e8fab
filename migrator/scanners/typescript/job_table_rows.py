"""Rows put into a job table through an ORM or query builder: which table, and what the row says."""

from __future__ import annotations

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.job_tables import JobTable
from migrator.scanners.linking import Defined, Instance, Place, Structure
from migrator.scanners.linking.classes import attribute_candidates, enclosing_class
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.objects import last_name, objects
from migrator.syntax.tree import CLASSES, callee_of, field

_PRISMA = frozenset(("create", "createMany", "createManyAndReturn", "upsert"))
_REPOSITORIES = regex(r"\bRepository<\s*(\w+)\s*>")
#: methods of the calls below, so that every such call is looked at
METHODS = _PRISMA | {"insert", "insertInto", "into", "bulkCreate", "save", "insertMany", "createAndSave"}


class Inserted(msgspec.Struct, frozen=True):
    """What a call puts into `table`: the rows as far as they are written, and the form of the call."""

    table: JobTable
    rows: tuple[Place, ...]
    form: str


def inserted(call: Call) -> Inserted | None:
    """The rows that a call inserts; None if it inserts nothing into a job table."""
    view, node, frame = call.view, call.inner.node, call.inner.frame
    source = call.inner.source
    function = callee_of(node)
    owner, name = field(function, "object"), field(function, "property")
    if owner is None or name is None or not view.found.tables:
        return None
    method = source.text(name)
    given = call.arguments
    receiver, first = Place(source, owner, frame), given.get(0)
    if method in ("insert", "insertInto") and first is not None:
        table = _standing_for(view, first) if method == "insert" else _called(view, view.evaluator.text(first))
        if table is not None:
            return Inserted(table, objects(view, _values_after(Place(source, node, frame))), method)
    if method == "into" and first is not None and owner.type == "call_expression":
        table = _called(view, view.evaluator.text(first))
        made = view.evaluator.arguments(receiver).get(0)
        return Inserted(table, objects(view, made), "insert") if table is not None and isinstance(made, Place) else None
    accessor = field(owner, "property")
    table = _by_accessor(view, source.text(accessor)) if accessor is not None and method in _PRISMA else None
    if table is not None:
        entries = view.evaluator.entries(first) if first is not None else {}
        return Inserted(table, objects(view, entries.get("create" if method == "upsert" else "data")), method)
    return _through_model(view, receiver, method, given)


def table_of(call: Call) -> JobTable | None:
    """The job table that a call is made on, or that the chain of calls before it names."""
    function = callee_of(call.inner.node)
    owner = field(function, "object")
    if owner is None or not call.view.found.tables:
        return None
    source, frame = call.inner.source, call.inner.frame
    accessor = field(owner, "property")
    table = _by_accessor(call.view, source.text(accessor)) if accessor is not None else None
    first = call.arguments.get(0)
    return table or _of_receiver(call.view, Place(source, owner, frame)) or (_standing_for(call.view, first) if first is not None else None)


def _through_model(view: View, receiver: Place, method: str, given: dict[int | str, Place]) -> Inserted | None:
    """`knex("jobs").insert(row)`, `repository.save(row)`, `Job.create(row)`, `manager.save(Job, row)`."""
    first, second = given.get(0), given.get(1)
    if method in ("insert", "insertMany", "bulkCreate", "create", "upsert"):
        table = _of_receiver(view, receiver)
        # In TypeORM, `create` makes an object and puts nothing anywhere.
        if table is None or first is None or (method == "create" and table.orm == "typeorm"):
            return None
        return Inserted(table, objects(view, first), method)
    if method not in ("save", "insert") or first is None:
        return None
    table = _standing_for(view, first)
    row = first if table is None else second
    table = table or _of_receiver(view, receiver)
    fresh = _fresh(view, row) if row is not None and table is not None else None
    return Inserted(table, objects(view, fresh), method) if table is not None and fresh is not None else None


def _fresh(view: View, row: Place) -> Place | None:
    """What a saved row is made of, if it is made here: an object, `repository.create(object)`. A row that was read is only changed."""
    meaning = view.evaluator.meaning(row)
    if isinstance(meaning, Structure):
        return row
    if isinstance(meaning, Instance) and last_name(meaning.of) == "create" and meaning.call is not None:
        made = [p for p in view.evaluator.arguments(meaning.call).values() if isinstance(p, Place)]
        return made[-1] if made else None
    return None


def _of_receiver(view: View, receiver: Place) -> JobTable | None:
    """The table that the thing on which a method is called stands for."""
    node, source = receiver.node, receiver.source
    if node.type == "call_expression":
        for argument in view.evaluator.arguments(receiver).values():
            if isinstance(argument, Place):
                table = _called(view, view.evaluator.text(argument)) or _standing_for(view, argument)
                if table is not None:
                    return table
        inner = field(callee_of(node), "object")
        return _of_receiver(view, Place(source, inner, receiver.frame)) if inner is not None else None
    return _standing_for(view, receiver) or _repository(view, receiver)


def _standing_for(view: View, place: Place) -> JobTable | None:
    """The table of a Drizzle table object, a Sequelize model or an entity class."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and last_name(meaning.of) == "getRepository" and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        return _standing_for(view, first) if isinstance(first, Place) else None
    made = meaning.call if isinstance(meaning, Instance) else meaning.place if isinstance(meaning, Defined) else None
    if made is None or (isinstance(meaning, Defined) and made.node.type not in CLASSES):
        return None
    at = (made.source.path, made.node.start_byte)
    return next((t for t in view.found.tables if t.at == at), None)


def _repository(view: View, receiver: Place) -> JobTable | None:
    """TypeORM: `private readonly jobs: Repository<Job>`."""
    source, node = receiver.source, receiver.node
    annotations: list[Node] = []
    name = field(node, "property")
    owner = enclosing_class(node)
    if node.type == "member_expression" and name is not None and owner is not None:
        annotations = [n for n, _ in attribute_candidates(source, owner, source.text(name))]
    elif node.type == "identifier":
        bound = view.project.bindings(source.path).lookup(source.text(node), node)
        annotations = [b.annotation for b in bound if b.annotation is not None]
    for annotation in annotations:
        match = _REPOSITORIES.search(source.text(annotation))
        if match is not None:
            meaning = view.evaluator.name(source, match[1], annotation)
            if isinstance(meaning, Defined):
                at = (meaning.place.source.path, meaning.place.node.start_byte)
                return next((t for t in view.found.tables if t.at == at), None)
    return None


def _called(view: View, name: str) -> JobTable | None:
    """The table of that name in the database, with or without its schema."""
    plain = name.rpartition(".")[2].strip('"').lower()
    return next((t for t in view.found.tables if t.table.lower() == plain), None) if plain else None


def _by_accessor(view: View, accessor: str) -> JobTable | None:
    """Prisma: `.job` for the model `Job`."""
    return next((t for t in view.found.tables if t.orm == "prisma" and t.model[:1].lower() + t.model[1:] == accessor), None)


def _values_after(insert: Place) -> Place | None:
    """The argument of `.values(…)` after `.insert(…)`."""
    node = insert.node
    while node.parent is not None and node.parent.type == "member_expression" and node.parent.parent is not None:
        method, node = field(node.parent, "property"), node.parent.parent
        if method is not None and insert.source.text(method) == "values":
            arguments = [c for c in (field(node, "arguments") or node).named_children if c.type != "comment"]
            return Place(insert.source, arguments[0], insert.frame) if arguments else None
    return None
