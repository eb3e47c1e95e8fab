"""Python code that takes messages out of a queue by itself: `receive_message` in a loop of the project's own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Job, Literal, Options, Trigger, Worker
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Meaning, Place
from migrator.scanners.python.functions import definition_span, function_at, handler, location_of
from migrator.scanners.python.sqs_clients import queue_of
from migrator.scanners.reading import Call, View
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
_FORM = "receive_message"


def received(call: Call) -> None:
    """A worker, and the function that each message is handed to as its job; where callers hand that in, each has a job of its own."""
    view = call.view
    name, queue = queue_of(call)
    options: Options = {str(k): view.value(v) for k, v in call.arguments.items() if k not in ("QueueUrl", "*", "**")}
    doubt = call.doubt
    if not call.via:
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
    inner = call.inner
    around = enclosing(inner.node, ("function_definition",))
    # A script has its loop outside of any function.
    handed = list(_handed_to(view, Place(inner.source, around or inner.source.root, inner.frame)))
    told = next((meaning for meaning in handed if isinstance(meaning, Defined)), None)
    open_to_callers = told is None and any(depends_on_parameter(meaning) for meaning in handed)
    if told is not None:
        function = function_at(view.evaluator, Place(told.place.source, told.place.node))
    elif around is not None and not call.via:
        function = function_at(view.evaluator, view.place(around))
    else:
        return
    view.add(
        Job(
            **view.common(NAME, location_of(function)),
            # Who hands the function in tells what the job is called.
            name="" if open_to_callers else name or function.name,
            symbol=function.qualified,
            module=function.module,
            definition=definition_span(function),
            form=_FORM,
            queue=queue,
            triggers=(Trigger("direct", queue if queue is not None else Literal(name)),),
            handler=handler(function.place),
            options=options,
            confidence="likely",
            reason="the function that the messages of a loop are handed to, as far as that could be followed",
            live=True,
        )
    )


def finish(found: Found) -> None:
    """Call by its own name a function that receives messages for somebody who is not in the tree."""
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == NAME and item.form == _FORM and not item.name and not item.wrapper:
            found.items[index] = msgspec.structs.replace(item, name=item.symbol.rpartition(".")[2])


def _handed_to(view: View, around: Place) -> Iterator[Meaning]:
    """What is called with each message, or with what is made of it: with the name of a loop over messages."""
    source = around.source
    for loop in walk(around.node, ("for_statement",)):
        left, right, body = child(loop, "left"), child(loop, "right"), child(loop, "body")
        if left is None or right is None or body is None or "essage" not in source.text(right):
            continue
        names = {source.text(left)}
        for node in walk(body, ("assignment", "call")):
            if node.type == "assignment":
                made, value = child(node, "left"), child(node, "right")
                if made is not None and value is not None and made.type == "identifier" and _mentions(source, value, names):
                    names.add(source.text(made))
                continue
            arguments, callee = child(node, "arguments"), child(node, "function")
            first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
            if first is None or callee is None or not _mentions(source, first, names):
                continue
            meaning = view.evaluator.of(source, callee, around.frame)
            if not isinstance(meaning, Defined) or meaning.place.node.type in FUNCTIONS:
                yield meaning


def _mentions(source: Source, node: Node, names: set[str]) -> bool:
    """True if one of the names stands in an expression."""
    return any(source.text(inner) in names for inner in walk(node, ("identifier",)))
