"""BullMQ (4, 5, 6) and `@nestjs/bullmq` in TypeScript and JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from migrator.jobs import Argument, Backoff, Client, Enqueue, Job, Literal, Retry, Schedule, Trigger, Use, Value, Worker, affine, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.handlers import handler_of, property_reads
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, enclosing, field
from migrator.systems.bullmq import SYSTEM, priority_from, seconds

NAME = SYSTEM.name
_PACKAGES = ("bullmq", "@nestjs/bullmq", "@taskforcesh/bullmq-pro")
_CLIENTS = {"Queue": "queue", "QueuePro": "queue", "FlowProducer": "flow", "QueueEvents": "events", "JobScheduler": "scheduler"}


def read(call: Call) -> None:
    """Sort one call of BullMQ's API."""
    package, _, path = call.key.partition(".")
    if package == "@nestjs/bullmq":
        _nest(call, path)
    elif path in _CLIENTS:
        _client(call, _CLIENTS[path])
    elif path in ("Worker", "WorkerPro"):
        _worker(call)
    else:
        action = _METHODS.get(path)
        if action is not None:
            action(call)


def _text(call: Call, index: int) -> str:
    return call.view.evaluator.text(call.arguments.get(index))


def _options(call: Call, index: int) -> dict[str, Value]:
    return call.view.options(call.arguments.get(index))


def _client(call: Call, role: str) -> None:
    parent = call.node.parent
    symbol = field(parent, "name") if parent is not None and parent.type == "variable_declarator" else None
    call.view.add(
        Client(
            **call.common(NAME),
            name=_text(call, 0) or (call.view.source.text(symbol) if symbol is not None else ""),
            symbol=call.view.source.text(symbol) if symbol is not None else "",
            module=call.view.module,
            definition=span(call.node),
            role=role,
            options=_options(call, 0 if role == "flow" else 1),
        )
    )


def _worker(call: Call) -> None:
    view = call.view
    options = _options(call, 2)
    name = _text(call, 0)
    common = call.common(NAME)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("concurrency"), options=options),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="new Worker",
            queue=Literal(name) if name else None,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            concurrency=options.get("concurrency"),
            options=options,
            handler=handler_of(view, call.arguments.get(1)),
            uses=_job_names(view, call.arguments.get(1)),
            live=True,
        ),
    )


def _job_names(view: View, processor: Place | None) -> tuple[Use, ...]:
    """The `job.name`s that one processor tells apart: each is a job of its own to whoever reads the code."""
    found = property_reads(view, processor, 0, ("name",))
    return tuple(Use("job.name", view.source.location(node), detail) for node, detail in found if detail)


def retry_of(options: dict[str, Value]) -> Retry | None:
    """`attempts` and `backoff` of job options in the model's terms; None when neither is written."""
    if "attempts" not in options and "backoff" not in options:
        return None
    return Retry(options.get("attempts", Literal(1)), _backoff(options.get("backoff")), explicit="attempts" in options)


def _backoff(value: Value | None) -> Backoff:
    known = literal_of(value)
    if value is None:
        return Backoff("none")
    if isinstance(known, int | float):
        return Backoff("fixed", seconds(value))
    if not isinstance(known, dict):
        return Backoff("custom", value)
    kind = known.get("type")
    if kind not in ("fixed", "exponential"):
        return Backoff("custom", value)
    delay = affine(Literal(known.get("delay", 0)), scale=0.001)
    return Backoff(kind, delay, jitter="none" if not known.get("jitter") else "half")


def _default_options(call: Call) -> dict[str, Value]:
    """`defaultJobOptions` of the queue that the call is made on."""
    queue = call.receiver
    if not isinstance(queue, Instance) or queue.call is None:
        return {}
    given = call.view.evaluator.arguments(queue.call).get(1)
    entries = call.view.evaluator.entries(given) if isinstance(given, Place) else {}
    return call.view.options(entries.get("defaultJobOptions"))


def queue_name(call: Call) -> str:
    """The name of the queue that a method is called on."""
    queue = call.receiver
    if not isinstance(queue, Instance) or queue.call is None:
        return ""
    given = call.view.evaluator.arguments(queue.call).get(0)
    return call.view.evaluator.text(given) if isinstance(given, Place) else ""


def _add(call: Call) -> None:
    options = _options(call, 2)
    if "repeat" in options:
        repeat = call.arguments[2]
        entries = call.view.evaluator.entries(repeat)
        _schedule(call, call.view.options(entries.get("repeat")), _text(call, 0), call.arguments.get(1))
        return
    _enqueue(call, "add", _text(call, 0), call.arguments.get(1), options)


def _enqueue(call: Call, form: str, name: str, data: Place | None, options: dict[str, Value]) -> None:
    view, queue = call.view, queue_name(call)
    merged = {**_default_options(call), **options}
    retry = retry_of(merged)
    receiver = call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=Literal(queue) if queue else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=options,
            delay=seconds(merged["delay"]) if "delay" in merged else None,
            priority=priority_from(merged["priority"]) if "priority" in merged else None,
            dedupe=merged.get("jobId") or merged.get("deduplication"),
            max_attempts=retry.max_attempts if retry is not None else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _bulk(call: Call) -> None:
    """`addBulk([{ name, data, opts }, …])`: one enqueue for the call; its names where they are all written."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    names = [view.evaluator.text(view.evaluator.entries(e).get("name")) for e in entries.values()]
    name = names[0] if names and len(set(names)) == 1 else ""
    _enqueue(call, "addBulk", name, call.arguments.get(0), {})


def _flow(call: Call) -> None:
    """`flow.add({ name, queueName, data, opts, children })`."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    name = view.evaluator.text(entries.get("name")) or view.evaluator.text(entries.get("queueName"))
    _enqueue(call, "flow", name, call.arguments.get(0), view.options(entries.get("opts")))


def _scheduler(call: Call) -> None:
    """`queue.upsertJobScheduler(id, { pattern | every, tz }, { name, data, opts })`."""
    template = call.view.evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    name = call.view.evaluator.text(template.get("name")) or _text(call, 0)
    _schedule(call, _options(call, 1), name, template.get("data"))


def _schedule(call: Call, repeat: dict[str, Value], name: str, data: Place | None) -> None:
    view = call.view
    every = repeat.get("every")
    arguments: tuple[Argument, ...] = (view.argument(data),) if data is not None else ()
    zone = literal_of(repeat.get("tz"))
    view.add(
        Schedule(
            **call.common(NAME),
            name=name,
            job_name=name,
            cron=repeat.get("pattern") or repeat.get("cron"),
            interval=seconds(every) if every is not None else None,
            timezone=zone if isinstance(zone, str) else "",
            arguments=arguments,
            entry=span(call.node),
            options=repeat,
        )
    )


_METHODS: dict[str, Callable[[Call], None]] = {
    "Queue().add": _add,
    "QueuePro().add": _add,
    "Queue().addBulk": _bulk,
    "QueuePro().addBulk": _bulk,
    "FlowProducer().add": _flow,
    "FlowProducer().addBulk": _flow,
    "Queue().upsertJobScheduler": _scheduler,
    "QueuePro().upsertJobScheduler": _scheduler,
}


def _nest(call: Call, path: str) -> None:
    """Decorators and module registration of `@nestjs/bullmq`."""
    view = call.view
    if path == "Processor":
        _processor(call)
    elif path in ("BullModule.registerQueue", "BullModule.registerFlowProducer"):
        role = "queue" if path.endswith("Queue") else "flow"
        for place in call.arguments.values():
            entries = view.evaluator.entries(place)
            name = view.evaluator.text(entries.get("name"))
            location = view.source.location(place.node)
            view.add(Client(**view.common(NAME, location), name=name, role=role, options=view.options(place), module=view.module))


def _processor(call: Call) -> None:
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    name = _text(call, 0) or view.evaluator.text(entries.get("name"))
    owner = _decorated_class(call.node)
    options = _options(call, 1)
    common = call.common(NAME)
    process = _method(view, owner, "process")
    symbol = field(owner, "name")
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("concurrency"), options=options),
        Job(
            **common,
            name=name,
            symbol=view.source.text(symbol) if symbol is not None else "",
            module=view.module,
            definition=span(owner) if owner is not None else None,
            form="@Processor",
            queue=Literal(name) if name else None,
            triggers=(Trigger("direct", Literal(name)),) if name else (),
            concurrency=options.get("concurrency"),
            options=options,
            handler=handler_of(view, view.place(process)) if process is not None else None,
            live=True,
        ),
    )


def _decorated_class(node: Node) -> Node | None:
    """The class that a decorator stands on: around it, or exported right after it."""
    owner = enclosing(node, CLASSES)
    if owner is not None:
        return owner
    statement = enclosing(node, ("export_statement",))
    return field(statement, "declaration")


def _method(view: View, owner: Node | None, name: str) -> Node | None:
    body = field(owner, "body")
    for child in body.named_children if body is not None else ():
        if child.type == "method_definition" and view.source.text(field(child, "name") or child) == name:
            return child
    return None


READER = Reader(
    system=NAME,
    markers=(b"bullmq",),
    packages=_PACKAGES,
    call=read,
    telltales=frozenset(("add", "addBulk", "upsertJobScheduler")),
)
