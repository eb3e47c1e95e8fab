"""Tasks that are chosen at run time: out of a table, by a condition, in a loop, by a name, by what a subclass says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Member, Place, Structure
from migrator.scanners.linking.calls import LOOKED_UP
from migrator.scanners.linking.classes import attribute_candidates, base_classes, enclosing_class
from migrator.scanners.linking.loops import rounds
from migrator.scanners.linking.tables import entries_of, is_table
from migrator.scanners.python import celery_enqueues
from migrator.scanners.python.celery_terms import RUNS, SYSTEM, Task, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, callee_of
from migrator.syntax.tree import field as child

_KEY = "celery chosen"
_ONE_OF = "one of several tasks, chosen at run time"
_EACH = "one of the tasks that a loop goes over"
_SUBCLASS = "a subclass says which task it is"
#: why a value could not be told, where code looks it up by a name or a key
_LOOKED_UP = (LOOKED_UP, "a key only known at run time")
_TASK = regex(r"task", re.IGNORECASE)
_POOL = regex(r"pool|executor", re.IGNORECASE)
_LOOKS = frozenset(("get", "pop", "choice", "values", "items"))
_DEPTH = 4


def read(call: Call, why: str) -> bool:
    """Record every task that a call may put on its way; False where none could be told. `why` its task could not."""
    owner, view = call.receiver_node, call.view
    if owner is None or _chosen(call, owner):
        return owner is not None
    text = view.source.text(owner)
    if not _POOL.search(text) and (why.startswith(_LOOKED_UP) or _TASK.search(text)):
        view.found.calls[_KEY].append(call)
    return False


def _chosen(call: Call, owner: Node) -> bool:
    """Record every task that `owner`, on which a call is made, may stand for; False where there is none."""
    view = call.view
    terms = Terms(view.evaluator)
    in_turn = [terms.task(view.evaluator.of(view.source, owner, frame)) for frame in rounds(view.evaluator, call.inner)]
    told = [task for task in in_turn if task is not None]
    reason = _EACH
    if not told:
        told, reason = list(_tasks(view, terms, view.place(owner), _DEPTH)), _ONE_OF
    for task in {task.job or task.name: task for task in told}.values():
        celery_enqueues.read_as(call, task, view.source.text(call.name), reason)
    return bool(told)


def _tasks(view: View, terms: Terms, place: Place, depth: int) -> Iterator[Task]:
    """The tasks that an expression may stand for."""
    source, node, frame = place.source, place.node, place.frame
    task = terms.task(view.evaluator.meaning(place))
    if task is not None and (task.job or task.name):
        yield task
        return
    options: list[Node | None] = []
    match node.type:
        case "subscript":
            options = [child(node, "value")]
        case "conditional_expression":
            options = [node.named_children[0], node.named_children[-1]]
        case "boolean_operator":
            options = [child(node, "left"), child(node, "right")]
        case "parenthesized_expression":
            options = list(node.named_children)
        case "call":
            function = callee_of(node)
            name = child(function, "attribute")
            arguments = child(node, "arguments")
            if name is not None and source.text(name) in _LOOKS:
                options = [child(function, "object"), *(arguments.named_children if arguments is not None else [])]
        case "identifier":
            bound = view.project.bindings(source.path).lookup(source.text(node), node)
            options = [b.value for b in bound if b.kind in ("value", "item")]
        case _:
            pass
    table = view.evaluator.meaning(place)
    if isinstance(table, Structure):
        yield from (task for entry in table.entries.values() if (task := _of_entry(view, terms, entry)) is not None)
    if is_table(table):
        yield from (task for _, entry in entries_of(view.evaluator, place) if (task := _of_entry(view, terms, entry)) is not None)
    for option in options if depth else ():
        if option is not None:
            yield from _tasks(view, terms, Place(source, option, frame), depth - 1)


def _of_entry(view: View, terms: Terms, entry: Place) -> Task | None:
    """The task of a table's entry, also where it is the first of several values."""
    meaning = view.evaluator.meaning(entry)
    if isinstance(meaning, Structure):
        tasks = (terms.task(view.evaluator.meaning(inner)) for inner in meaning.entries.values())
        return next((task for task in tasks if task is not None), None)
    return terms.task(meaning)


def read_vague(call: Call) -> bool:
    """Record a call on something that is a task, but not to be told which: an entry of a table, under a key that only the run knows."""
    callee, owner = call.callee, call.receiver_node
    task = Terms(call.view.evaluator).task(callee.of) if isinstance(callee, Member) and callee.name in RUNS else None
    vague = task is not None and owner is not None and not task.job and not task.name
    if not vague or owner is None or celery_enqueues.of_class(call, Terms(call.view.evaluator)) is not None:
        return False
    return _chosen(call, owner)


def own_attribute(call: Call) -> bool:
    """True for `self.task.delay(…)`, whose task a subclass may give."""
    owner = call.receiver_node
    of = child(owner, "object") if owner is not None and owner.type == "attribute" else None
    return of is not None and call.view.source.text(of) in ("self", "cls") and enclosing_class(call.node) is not None


def link(found: Found) -> None:
    """Record the calls whose task only the run knows, where the tree has Celery at all."""
    if any(i.system == SYSTEM and i.kind in ("definition", "client", "dependency") for i in found.items):
        for call in found.calls[_KEY]:
            celery_enqueues.read_as(call, Task(), call.view.source.text(call.name), "")


def from_subclasses(call: Call) -> bool:
    """Record the tasks that subclasses give to the attribute on which a call is made; False if there are none."""
    tasks = {task.job or task.name: task for task in _of_subclasses(call)}
    for task in tasks.values():
        celery_enqueues.read_as(call, task, call.view.source.text(call.name), _SUBCLASS)
    return bool(tasks)


def _of_subclasses(call: Call) -> Iterator[Task]:
    """The tasks that classes of the project which derive from the one around a call give its attribute."""
    owner = call.receiver_node
    name, around = child(owner, "attribute"), enclosing_class(call.node)
    if name is None or around is None or owner is None or owner.type != "attribute":
        return
    attribute, base = call.view.source.text(name), (call.view.source.path, around.start_byte)
    for view in call.view.found.views:
        if not view.source.is_python or attribute.encode() not in view.source.data:
            continue
        for node in view.source.nodes("class_definition"):
            if any(True for _ in attribute_candidates(view.source, node, attribute)) and _derives(view, view.place(node), base, _DEPTH):
                made = Instance(Defined(view.place(node), ""))
                task = Terms(view.evaluator).task(view.evaluator.member(made, attribute))
                if task is not None:
                    yield task


def _derives(view: View, place: Place, base: tuple[str, int], depth: int) -> bool:
    for expression in base_classes(place.source, place.node):
        meaning = view.evaluator.of(place.source, expression)
        if not isinstance(meaning, Defined) or meaning.place.node.type not in CLASSES:
            continue
        if (meaning.place.source.path, meaning.place.node.start_byte) == base:
            return True
        if depth and meaning.place.node != place.node and _derives(view, meaning.place, base, depth - 1):
            return True
    return False
