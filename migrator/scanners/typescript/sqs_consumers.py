"""Code that takes messages out of a queue by itself: `receiveMessage`, as a command or a method, in a loop of the project's own."""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from migrator.jobs import Job, Literal, Options, Trigger, Worker
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Defined, Place, Unknown
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import handler_at
from migrator.scanners.typescript.sqs_api import sending
from migrator.scanners.typescript.sqs_names import queue_name
from migrator.syntax.source import Source, span
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field, name_of, walk
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
#: what goes over the messages that were received
_EACH = frozenset(("map", "forEach", "flatMap"))


def received(call: Call) -> None:
    """`new ReceiveMessageCommand({ QueueUrl, … })`: a worker, and the function that each message is handed to as its job.

    Where that is a function which the one around the loop is handed, whoever calls that one says which.
    """
    view = call.view
    given = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    name, queue = queue_name(view, given.get("QueueUrl"))
    found = sending(view, call.node) if call.node.type == "new_expression" and not call.via else None
    site = replace(call, node=found[0], name=found[1]) if found is not None else call
    options: Options = {k: view.value(v) for k, v in given.items() if k != "QueueUrl"}
    view.add(Worker(**site.common(NAME), name=name, queues=(name,) if name else (), options=options))
    function = enclosing(call.inner.node, FUNCTIONS)
    handed = _handed_to(view, Place(call.inner.source, function, call.inner.frame)) if function is not None else None
    if function is None or (call.via and not isinstance(handed, Defined)):
        return
    handler = handed.place if isinstance(handed, Defined) else view.place(function)
    named = name_of(handler.node)
    symbol = handler.source.text(named) if named is not None else ""
    location = handler.source.location(handler.node, at=named)
    view.add(
        Job(
            **(call.common(NAME) if call.via else view.common(NAME, location)),
            name=name or (symbol if handed is None or isinstance(handed, Defined) else ""),
            symbol=symbol,
            module=view.project.module_of(handler.source.path),
            definition=span(call.node if call.via else handler.node),
            form="receiveMessage",
            queue=queue,
            triggers=(Trigger("direct", queue if queue is not None else Literal(name)),),
            handler=handler_at(handler),
            options=options,
            confidence="likely",
            reason="the function that the messages of a loop are handed to, as far as that could be followed",
            live=True,
        )
    )


def _handed_to(view: View, function: Place) -> Defined | Unknown | None:
    """What gets each message: the first function of the tree called with the name of a loop over what was received.

    Unknown for one that somebody hands to the function around the loop, or to the class; None where nothing of the kind is called.
    """
    source, untold = function.source, None
    for name, body in _loops(source, function.node):
        for inner in walk(body, ("call_expression",)):
            arguments = field(inner, "arguments")
            first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
            callee = callee_of(inner)
            if first is None or callee is None or not source.text(first).startswith(name):
                continue
            meaning = view.evaluator.of(source, callee, function.frame)
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                return meaning
            untold = meaning if isinstance(meaning, Unknown) and depends_on_parameter(meaning) else untold
    return untold


def _loops(source: Source, function: Node) -> list[tuple[str, Node]]:
    """(name of the message, body) of the loops over `….Messages`, by `for` or by a function that is handed to `map`."""
    found: list[tuple[str, Node]] = []
    for node in walk(function, ("for_in_statement", "call_expression")):
        if node.type == "for_in_statement":
            left, right, body = field(node, "left"), field(node, "right"), field(node, "body")
            if left is not None and right is not None and body is not None and "essages" in source.text(right):
                found.append((source.text(left), body))
            continue
        over, name = field(node, "function", "object"), field(node, "function", "property")
        if over is None or name is None or source.text(name) not in _EACH or "essages" not in source.text(over):
            continue
        for each in walk(node, FUNCTIONS):
            parameter = field(each, "parameter") or next(iter((field(each, "parameters") or each).named_children), None)
            if parameter is not None:
                found.append((source.text(field(parameter, "pattern") or parameter), each))
            break
    return found
