"""`@nestjs/bullmq`: processors, event listeners and the registration of queues."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Client, Job, Literal, Trigger, Worker
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.bullmq_terms import NAME, job_names
from migrator.scanners.typescript.handlers import handler_of
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, callee_of, enclosing, field

PACKAGE = "@nestjs/bullmq"
_REGISTRATIONS = {
    "BullModule.registerQueue": "queue",
    "BullModule.registerQueueAsync": "queue",
    "BullModule.registerFlowProducer": "flow",
    "BullModule.registerFlowProducerAsync": "flow",
}


def read(call: Call, path: str) -> None:
    """A decorator or a registration; `path` is what stands behind the package."""
    if path == "Processor":
        _processor(call)
    elif path == "QueueEventsListener":
        _listener(call)
    elif path in _REGISTRATIONS:
        for place in call.arguments.values():
            view = call.view
            entries = view.evaluator.entries(place)
            name = view.evaluator.text(entries.get("name"))
            common = view.common(NAME, view.source.location(place.node))
            view.add(Client(**common, name=name, role=_REGISTRATIONS[path], options=view.options(place), module=view.module))


def _name(call: Call) -> str:
    """`"mail"` or `{ name: "mail" }`."""
    first = call.arguments.get(0)
    evaluator = call.view.evaluator
    return evaluator.text(first) or (evaluator.text(evaluator.entries(first).get("name")) if first is not None else "")


def _processor(call: Call) -> None:
    view = call.view
    name, owner = _name(call), _decorated_class(call.node)
    first = call.arguments.get(0)
    options = {k: v for place in call.arguments.values() for k, v in view.options(place).items() if k != "name"}
    common = call.common(NAME)
    process = next((m for m, _ in _methods(view, owner) if _method_name(view, m) == "process"), None)
    failed = next((m for m, decorators in _methods(view, owner) if ("OnWorkerEvent", "failed") in decorators), None)
    symbol = field(owner, "name")
    queue = view.value(first) if first is not None and not name else Literal(name)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("concurrency"), options=options),
        Job(
            **common,
            name=name,
            symbol=view.source.text(symbol) if symbol is not None else "",
            module=view.module,
            definition=span(owner) if owner is not None else None,
            form="@Processor",
            queue=queue,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            concurrency=options.get("concurrency"),
            rate_limit=options.get("limiter"),
            options=options,
            handler=handler_of(view, view.place(process)) if process is not None else None,
            uses=job_names(view, view.place(process)) if process is not None else (),
            failure_handler=span(failed) if failed is not None else None,
            live=True,
        ),
    )


def _listener(call: Call) -> None:
    view, owner = call.view, _decorated_class(call.node)
    symbol = field(owner, "name")
    view.add(
        Client(
            **call.common(NAME),
            name=_name(call),
            symbol=view.source.text(symbol) if symbol is not None else "",
            module=view.module,
            definition=span(owner) if owner is not None else None,
            role="events",
        )
    )


def _decorated_class(node: Node) -> Node | None:
    """The class that a decorator stands on: around it, or exported right after it."""
    owner = enclosing(node, CLASSES)
    if owner is not None:
        return owner
    return field(enclosing(node, ("export_statement",)), "declaration")


def _methods(view: View, owner: Node | None) -> Iterator[tuple[Node, set[tuple[str, str]]]]:
    """The methods of a class, each with (name, first argument) of its decorators."""
    body = field(owner, "body")
    pending: set[tuple[str, str]] = set()
    for child in body.named_children if body is not None else ():
        if child.type == "decorator":
            made = child.named_children[0]
            function = callee_of(made) or made
            first = view.evaluator.arguments(view.place(made)).get(0)
            pending.add((view.source.text(function), view.evaluator.text(first) if isinstance(first, Place) else ""))
        elif child.type == "method_definition":
            yield child, pending
            pending = set()


def _method_name(view: View, method: Node) -> str:
    name = field(method, "name")
    return view.source.text(name) if name is not None else ""
