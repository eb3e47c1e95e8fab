"""`@nestjs/bull`: processors, their methods, and the registration of queues."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Client, Job, Literal, Trigger, Value, Worker
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.nest import decorated_class, decorated_method, methods, name_of
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of
from migrator.systems.bull import SYSTEM

PACKAGE = "@nestjs/bull"
NAME = SYSTEM.name
_REGISTRATIONS = ("BullModule.registerQueue", "BullModule.registerQueueAsync")


def read(call: Call, path: str) -> None:
    """A decorator or a registration; `path` is what stands behind the package."""
    if path == "Processor":
        _processor(call)
    elif path == "Process":
        _process(call)
    elif path in _REGISTRATIONS:
        for place in call.arguments.values():
            for each in objects(call.view, place):
                _register(call, each)


def _register(call: Call, place: Place) -> None:
    """`registerQueue({ name })`, `registerQueueAsync({ name, useFactory })`; without a name, the queue is called `default`."""
    view = call.view
    entries = view.evaluator.entries(place)
    name = view.evaluator.text(entries["name"]) if "name" in entries else "default"
    location = view.source.location(place.node) if place.source is view.source else call.location
    view.add(Client(**view.common(NAME, location), name=name, role="queue", options=view.options(place), module=view.module))


def _named(view: View, first: Place | None) -> tuple[str, Value | None]:
    """(text, value) of the name in `"mail"` or `{ name: "mail" }`; none where there is no name."""
    if first is None:
        return "", None
    entries = view.evaluator.entries(first)
    place = entries.get("name") if entries else first
    return (view.evaluator.text(place), view.value(place)) if place is not None else ("", None)


def _processor(call: Call) -> None:
    view = call.view
    name, queue = _named(view, call.arguments.get(0))
    text = name or ("default" if queue is None else "")
    view.add(Worker(**call.common(NAME), name=text, queues=(text,) if text else (), options=view.options(call.arguments.get(0))))


def _process(call: Call) -> None:
    """`@Process()`, `@Process("name")`, `@Process({ name, concurrency })` on a method of a processor."""
    view = call.view
    owner, method = decorated_class(call.node), decorated_method(call.node)
    first = call.arguments.get(0)
    entries = view.evaluator.entries(first) if first is not None else {}
    name, trigger = _named(view, first)
    queue_text, queue = _queue(view, owner)
    if trigger is None:
        name, trigger = queue_text, queue
    concurrency = entries.get("concurrency")
    failed = next((m for m, made in methods(view, owner) if any(decorator == "OnQueueFailed" for decorator, _ in made)), None)
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=".".join(part for part in (name_of(view, owner), name_of(view, method)) if part),
            module=view.module,
            definition=span(method) if method is not None else None,
            form="@Process",
            queue=queue,
            triggers=(Trigger("direct", trigger),) if trigger is not None else (),
            concurrency=view.value(concurrency) if concurrency is not None else None,
            options=view.options(first),
            handler=handler_of(view, view.place(method)) if method is not None else None,
            failure_handler=span(failed) if failed is not None else None,
            live=True,
        )
    )


def _queue(view: View, owner: Node | None) -> tuple[str, Value | None]:
    """The queue that `@Processor(…)` gives a class."""
    if owner is None:
        return "", None
    outer = owner.parent
    holders = [owner, *([outer] if outer is not None and outer.type == "export_statement" else [])]
    for decorator in (c for holder in holders for c in holder.named_children if c.type == "decorator"):
        made = decorator.named_children[0]
        function = callee_of(made) if made.type == "call_expression" else None
        if function is None or view.evaluator.of(view.source, function).key != f"{PACKAGE}.Processor":
            continue
        first = view.evaluator.arguments(view.place(made)).get(0)
        name, value = _named(view, first if isinstance(first, Place) else None)
        return (name, value) if value is not None else ("default", Literal("default"))
    return "", None
