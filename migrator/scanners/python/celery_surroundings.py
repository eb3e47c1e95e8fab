"""The fields of an `Enqueue` that say where the call stands."""

from __future__ import annotations

from typing import TypedDict

from tree_sitter import Node

from migrator.jobs import Span
from migrator.scanners.python.celery_terms import Terms
from migrator.scanners.python.surroundings import in_async, in_transaction
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import ancestors


class Around(TypedDict):
    """Pass them on with `**around(call)`."""

    call: Span
    receiver: Span | None
    in_loop: bool
    in_transaction: bool
    in_async: bool
    awaited: bool
    inside: str
    result_used: bool


def around(call: Call) -> Around:
    """Where a call stands."""
    view, node, receiver = call.view, call.node, call.receiver_node
    return {
        "call": span(node),
        "receiver": span(receiver) if receiver is not None else None,
        "in_loop": view.in_loop(node),
        "in_transaction": in_transaction(view.source, node),
        "in_async": in_async(node),
        "awaited": view.awaited(node),
        "inside": inside(view, node),
        "result_used": view.result_used(node),
    }


def inside(view: View, node: Node) -> str:
    """`module:symbol` of the task around `node`, else the name of the function around it, else empty."""
    terms = Terms(view.evaluator)
    for ancestor in ancestors(node):
        if ancestor.type == "function_definition":
            task = terms.task(view.evaluator.definition(view.source, ancestor))
            if task is not None and task.job:
                return task.job
    return view.around(node)
