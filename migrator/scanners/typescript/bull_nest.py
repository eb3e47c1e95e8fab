"""`@nestjs/bull`: processors, their methods, and the registration of queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from migrator.jobs import Client, Job, Literal, Trigger, Value, Worker
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import file_of, handler_in, handler_of
from migrator.scanners.typescript.nest import decorated_class, decorated_method, methods, name_of
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, field
from migrator.systems.bull import SYSTEM

PACKAGE = "@nestjs/bull"
NAME = SYSTEM.name
#: how many classes deep a processor is looked into
_GENERATIONS = 6
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
    """`registerQueue({ name, processors })`, `registerQueueAsync({ name, useFactory })`; without a name, the queue is called `default`."""
    view = call.view
    entries = view.evaluator.entries(place)
    name = view.evaluator.text(entries["name"]) if "name" in entries else "default"
    location = view.source.location(place.node) if place.source is view.source else call.location
    view.add(Client(**view.common(NAME, location), name=name, role="queue", options=view.options(place), module=view.module))
    for processor in elements(view.evaluator, entries["processors"]).known if "processors" in entries else ():
        _apart(call, name, processor)


def _apart(call: Call, queue: str, processor: Place) -> None:
    """A processor in a file of its own or a function: `join(__dirname, "mail.js")`, `{ name, path, concurrency }`."""
    view = call.view
    entries = view.evaluator.entries(processor)
    path = file_of(view, entries.get("path", processor))
    concurrency = entries.get("concurrency")
    name = view.evaluator.text(entries.get("name")) or queue
    location = view.source.location(processor.node) if processor.source is view.source else call.location
    view.add(
        Job(
            **view.common(NAME, location),
            name=name,
            symbol=name,
            module=view.module,
            definition=span(processor.node),
            form="processors",
            queue=Literal(queue),
            triggers=(Trigger("direct", Literal(name)),),
            concurrency=view.value(concurrency) if concurrency is not None else None,
            handler=handler_in(view, path) or handler_of(view, entries.get("callback", processor)),
            live=True,
        )
    )


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
    owner = decorated_class(call.node)
    if owner is None or any(decorator == "Process" for _, made in methods(view, owner) for decorator, _ in made):
        return
    for base, method, first in _inherited(view, owner):
        named, value = _named(base, first)
        view.add(
            Job(
                **call.common(NAME),
                name=named or text,
                symbol=name_of(view, owner),
                module=view.module,
                definition=span(owner),
                form="@Process, inherited",
                queue=queue if queue is not None else Literal(text),
                triggers=(Trigger("direct", value or queue or Literal(text)),),
                handler=handler_of(base, base.place(method)),
                live=True,
            )
        )


def _inherited(view: View, owner: Node) -> Iterator[tuple[View, Node, Place | None]]:
    """(view, method, argument) of every `@Process(…)` of the classes from which a processor derives."""
    seen = 0
    while seen < _GENERATIONS:
        found = (view.evaluator.of(view.source, base) for base in base_classes(view.source, owner))
        parent = next((m for m in found if isinstance(m, Defined)), None)
        if parent is None:
            return
        view, owner, seen = replace(view, source=parent.place.source), parent.place.node, seen + 1
        body = field(owner, "body")
        for decorator in (c for c in (body.named_children if body is not None else ()) if c.type == "decorator"):
            made = decorator.named_children[0]
            function, method = callee_of(made) if made.type == "call_expression" else None, decorated_method(made)
            if function is not None and method is not None and view.evaluator.of(view.source, function).key == f"{PACKAGE}.Process":
                first = view.evaluator.arguments(view.place(made)).get(0)
                yield view, method, first if isinstance(first, Place) else None


def _process(call: Call) -> None:
    """`@Process()`, `@Process("name")`, `@Process({ name, concurrency })` on a method of a processor."""
    view = call.view
    owner, method = decorated_class(call.node), decorated_method(call.node)
    if owner is not None and owner.type == "abstract_class_declaration":
        # The processors that derive from it run it, each for its own queue.
        return
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
