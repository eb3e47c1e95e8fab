"""`@nestjs/bullmq`: processors, event listeners and the registration of queues."""

from __future__ import annotations

from migrator.jobs import Client, Job, Literal, Trigger, Worker
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_terms import NAME, job_names
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.nest import decorated_class, methods, name_of
from migrator.syntax.source import span

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
    name, owner = _name(call), decorated_class(call.node)
    first = call.arguments.get(0)
    options = {k: v for place in call.arguments.values() for k, v in view.options(place).items() if k != "name"}
    common = call.common(NAME)
    process = next((m for m, _ in methods(view, owner) if name_of(view, m) == "process"), None)
    failed = next((m for m, decorators in methods(view, owner) if ("OnWorkerEvent", "failed") in decorators), None)
    queue = view.value(first) if first is not None and not name else Literal(name)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("concurrency"), options=options),
        Job(
            **common,
            name=name,
            symbol=name_of(view, owner),
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
    view, owner = call.view, decorated_class(call.node)
    view.add(
        Client(
            **call.common(NAME),
            name=_name(call),
            symbol=name_of(view, owner),
            module=view.module,
            definition=span(owner) if owner is not None else None,
            role="events",
        )
    )
