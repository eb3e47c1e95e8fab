"""Python code that takes messages out of a queue by itself: `receive_message` in a loop of the project's own."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Job, Literal, Options, Trigger, Worker
from migrator.scanners.linking import Defined, Place
from migrator.scanners.python.functions import Function, definition_span, function_at, handler, location_of
from migrator.scanners.python.sqs_clients import queue_of
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name


def received(call: Call) -> None:
    """A worker, and the function that each message is handed to as its job."""
    view = call.view
    name, queue = queue_of(call)
    options: Options = {str(k): view.value(v) for k, v in call.arguments.items() if k not in ("QueueUrl", "*", "**")}
    doubt = call.doubt
    view.add(
        Worker(
            **call.common(NAME),
            name=name,
            queues=(name,) if name else (),
            options=options,
            confidence="likely" if doubt else "certain",
            reason=doubt,
        )
    )
    if call.via:
        return
    around = enclosing(call.node, ("function_definition",))
    # A script has its loop outside of any function.
    function = _handed_to(view, around or view.source.root) or (
        function_at(view.evaluator, view.place(around)) if around is not None else None
    )
    if function is None:
        return
    view.add(
        Job(
            **view.common(NAME, location_of(function)),
            name=name or function.name,
            symbol=function.qualified,
            module=function.module,
            definition=definition_span(function),
            form="receive_message",
            queue=queue,
            triggers=(Trigger("direct", queue if queue is not None else Literal(name)),),
            handler=handler(function.place),
            options=options,
            confidence="likely",
            reason="the function that the messages of a loop are handed to, as far as that could be followed",
            live=True,
        )
    )


def _handed_to(view: View, around: Node) -> Function | None:
    """The function of the tree that gets each message: the first one called with the name of a loop over messages."""
    for loop in walk(around, ("for_statement",)):
        left, right, body = child(loop, "left"), child(loop, "right"), child(loop, "body")
        if left is None or right is None or body is None or "essage" not in view.source.text(right):
            continue
        name = view.source.text(left)
        for inner in walk(body, ("call",)):
            arguments, callee = child(inner, "arguments"), child(inner, "function")
            first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
            if first is None or callee is None or not view.source.text(first).startswith(name):
                continue
            meaning = view.evaluator.of(view.source, callee)
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                return function_at(view.evaluator, Place(meaning.place.source, meaning.place.node))
    return None
