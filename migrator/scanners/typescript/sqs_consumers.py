"""Code that takes messages out of a queue by itself: `receiveMessage`, as a command or a method, in a loop of the project's own."""

from __future__ import annotations

from dataclasses import replace

from migrator.jobs import Job, Literal, Options, Trigger, Worker
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.handlers import handler_at
from migrator.scanners.typescript.sqs_api import sending
from migrator.scanners.typescript.sqs_names import queue_name
from migrator.scanners.typescript.sqs_receivers import gives
from migrator.scanners.typescript.sqs_work import FORM, NAME, REASON, handed_to
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, enclosing, name_of


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
    handed = handed_to(view, Place(call.inner.source, function, call.inner.frame)) if function is not None else None
    if function is None or (call.via and not isinstance(handed, Defined)):
        return
    if handed is None:
        gives(call, function)
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
            form=FORM,
            queue=queue,
            triggers=(Trigger("direct", queue if queue is not None else Literal(name)),),
            handler=handler_at(handler),
            options=options,
            confidence="likely",
            reason=REASON,
            live=True,
        )
    )
