"""Libraries over SQS: `sqs-consumer` and `sqs-producer`, and `@ssut/nestjs-sqs`, which is both for NestJS."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Client, Enqueue, Job, Literal, Trigger, Worker
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import Call
from migrator.scanners.typescript.handlers import function_of, handler_of
from migrator.scanners.typescript.nest import decorated_method, name_of
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.sqs_names import queue_name
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
_NEST = ("@ssut/nestjs-sqs", "@nestjs-packages/sqs", "nest-sqs")
PACKAGES = ("sqs-consumer", "sqs-producer", *_NEST)
MARKERS = tuple(package.encode() for package in PACKAGES)
_CONSUMERS = ("Consumer.create", "create", "Consumer", "default.create", "default.Consumer.create", "default")
_PRODUCERS = ("Producer.create", "create", "Producer", "default.create")
_HANDLERS = ("handleMessage", "handleMessageBatch")


def read(call: Call) -> None:
    """Sort one call of a library."""
    package, _, path = call.key.partition(".")
    match package, path:
        case "sqs-consumer", path if path in _CONSUMERS:
            _consumer(call)
        case "sqs-producer", path if path in _PRODUCERS:
            symbol, _ = holder(call.view.source, call.node)
            name, _ = queue_name(call.view, _options(call).get("queueUrl"))
            common = call.common(NAME)
            call.view.add(Client(**common, name=name or symbol, symbol=symbol, module=call.view.module, role="queue"))
        case "sqs-producer", path if path.removesuffix("().send") in _PRODUCERS and path.endswith("().send"):
            made = call.receiver.call if isinstance(call.receiver, Instance) else None
            given = call.view.evaluator.arguments(made).get(0) if made is not None else None
            queue = call.view.evaluator.entries(given).get("queueUrl") if isinstance(given, Place) else None
            name, _ = queue_name(call.view, queue)
            _send(call, name, call.arguments.get(0))
        case p, "SqsMessageHandler" if p in _NEST:
            _nest_handler(call)
        case p, "SqsModule.register" | "SqsModule.registerAsync" if p in _NEST:
            _nest_module(call)
        case p, "SqsService().send" if p in _NEST:
            _send(call, queue_name(call.view, call.arguments.get(0))[0], call.arguments.get(1))
        case _:
            return


def _options(call: Call) -> dict[str, Place]:
    return call.view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}


def _consumer(call: Call) -> None:
    view, given = call.view, _options(call)
    name, queue = queue_name(view, given.get("queueUrl"))
    handler = next((given[key] for key in _HANDLERS if key in given), None)
    options = {k: view.value(v) for k, v in given.items() if k not in (*_HANDLERS, "queueUrl", "sqs")}
    common = call.common(NAME)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("batchSize"), options=options),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="Consumer.create",
            queue=queue,
            triggers=(Trigger("direct", queue if queue is not None else Literal(name)),),
            handler=handler_of(view, handler),
            options=options,
            live=True,
        ),
    )


def _nest_handler(call: Call) -> None:
    """`@SqsMessageHandler("mail", false)` on a method."""
    view = call.view
    name, method = queue_name(view, call.arguments.get(0))[0], decorated_method(call.node)
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=name_of(view, method),
            module=view.module,
            definition=span(method) if method is not None else None,
            form="@SqsMessageHandler",
            queue=Literal(name),
            triggers=(Trigger("direct", Literal(name)),),
            handler=handler_of(view, view.place(method)) if method is not None else None,
            live=True,
        )
    )


def _nest_module(call: Call) -> None:
    """`SqsModule.register({ consumers: [{ name, queueUrl }], producers: […] })`: each consumer works, each producer is a client."""
    view = call.view
    for given in _registered(call):
        entries = view.evaluator.entries(given)
        for role in ("consumers", "producers"):
            for place in objects(view, entries.get(role)):
                each = view.evaluator.entries(place)
                name = view.evaluator.text(each.get("name")) or queue_name(view, each.get("queueUrl"))[0]
                common = view.common(NAME, place.source.location(place.node))
                if role == "consumers":
                    view.add(Worker(**common, name=name, queues=(name,), options=view.options(place)))
                else:
                    view.add(Client(**common, name=name, module=view.module, role="queue", options=view.options(place)))


def _registered(call: Call) -> Iterator[Place]:
    """The options themselves, or what the function returns that makes them."""
    view = call.view
    for given in objects(view, call.arguments.get(0)):
        yield given
        factory = view.evaluator.entries(given).get("useFactory")
        function = function_of(view, factory)
        for value in return_values(function.node) if function is not None else ():
            yield from objects(view, Place(function.source, value, function.frame)) if function is not None else ()


def _send(call: Call, name: str, message: Place | None) -> None:
    view, receiver = call.view, call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form="send",
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=Literal(name) if name else None,
            arguments=(view.argument(message),) if message is not None else (),
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )
