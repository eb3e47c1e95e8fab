"""What stands around a place in Python code: an async function, a database transaction, the job in whose body it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from tree_sitter import Node

from migrator.jobs import Span
from migrator.scanners.linking import Meaning
from migrator.scanners.reading import Call, View
from migrator.syntax.source import Source, span
from migrator.syntax.tree import ancestors, enclosing
from migrator.syntax.tree import field as child

#: `module:symbol` of the job that a function's definition makes, decorators included; empty where it makes none
JobOf = Callable[[Meaning], str]

_FUNCTION = ("function_definition",)
#: what opens a transaction in Django, SQLAlchemy and Peewee; the callbacks run after it
_TRANSACTIONS = ("atomic", "begin", "begin_nested", "transaction")
_AFTER_COMMIT = ("on_commit", "run_on_commit")


class Around(TypedDict):
    """The fields of an `Enqueue` that say where the call stands: pass them on with `**around(call, job_of)`."""

    call: Span
    receiver: Span | None
    in_loop: bool
    in_transaction: bool
    in_async: bool
    awaited: bool
    inside: str
    result_used: bool


def around(call: Call, job_of: JobOf) -> Around:
    """Where a call stands."""
    view, node, receiver = call.view, call.node, call.receiver_node
    return {
        "call": span(node),
        "receiver": span(receiver) if receiver is not None else None,
        "in_loop": view.in_loop(node),
        "in_transaction": in_transaction(view.source, node),
        "in_async": in_async(node),
        "awaited": view.awaited(node),
        "inside": inside(view, node, job_of),
        "result_used": view.result_used(node),
    }


def inside(view: View, node: Node, job_of: JobOf) -> str:
    """`module:symbol` of the job around `node`, else the name of the function around it, else empty."""
    for ancestor in ancestors(node):
        if ancestor.type == "function_definition":
            job = job_of(view.evaluator.definition(view.source, ancestor))
            if job:
                return job
    return view.around(node)


def is_async(function: Node | None) -> bool:
    """True for an `async def`."""
    return function is not None and any(c.type == "async" for c in function.children)


def in_async(node: Node) -> bool:
    """True inside an `async def`."""
    return is_async(enclosing(node, _FUNCTION))


def in_transaction(source: Source, node: Node) -> bool:
    """True inside `with transaction.atomic():` or a function decorated so, unless put off with `on_commit`."""
    for ancestor in ancestors(node):
        if is_after_commit(source, ancestor):
            return False
        if ancestor.type == "with_statement" and any(_opens(source, item) for item in _items(ancestor)):
            return True
        if ancestor.type == "function_definition":
            whole = ancestor.parent
            decorators = whole.named_children if whole is not None and whole.type == "decorated_definition" else ()
            return any(c.type == "decorator" and _opens(source, c.named_children[0]) for c in decorators)
    return False


def is_after_commit(source: Source, node: Node) -> bool:
    """True for a call of `on_commit`, of Django and of packages that do the same: what it is handed runs after the transaction."""
    return node.type == "call" and _name(source, child(node, "function")) in _AFTER_COMMIT


def _items(statement: Node) -> list[Node]:
    clause = next((c for c in statement.named_children if c.type == "with_clause"), None)
    items = [c for c in clause.named_children if c.type == "with_item"] if clause is not None else []
    return [value for i in items if (value := child(i, "value")) is not None]


def _opens(source: Source, expression: Node) -> bool:
    """True for `transaction.atomic`, `session.begin()`, `db.atomic() as t` and the like."""
    if expression.type == "as_pattern":
        expression = expression.named_children[0]
    called = child(expression, "function") if expression.type == "call" else expression
    return called is not None and called.type in ("attribute", "identifier") and _name(source, called) in _TRANSACTIONS


def _name(source: Source, node: Node | None) -> str:
    name = child(node, "attribute") or node
    return source.text(name) if name is not None else ""
