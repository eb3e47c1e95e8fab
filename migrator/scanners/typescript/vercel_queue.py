"""Vercel Queues in code: `send`, and the routes that `handleCallback` makes."""

from __future__ import annotations

import msgspec

from migrator.jobs import Client, Enqueue, Job, Literal, Trigger
from migrator.scanners.found import Found
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.routes import route_of
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.vercel_queue import SYSTEM

NAME = SYSTEM.name
PACKAGE = "@vercel/queue"
_CLIENTS = ("QueueClient", "PollingQueueClient")
_SENDS = (
    "send",
    "experimental_sendBatch",
    *(f"{client}().{method}" for client in _CLIENTS for method in ("send", "experimental_sendBatch")),
)
_CALLBACKS = ("handleCallback", "handleNodeCallback", *(f"QueueClient().{name}" for name in ("handleCallback", "handleNodeCallback")))


def _read(call: Call) -> None:
    path = call.key.partition(".")[2]
    if path in _SENDS:
        _send(call)
    elif path in _CALLBACKS:
        _callback(call)
    elif path in _CLIENTS:
        symbol, _ = holder(call.view.source, call.node)
        common = call.common(NAME)
        call.view.add(Client(**common, name=symbol or path, symbol=symbol, module=call.view.module, definition=span(call.node), role="app"))
    elif path == "PollingQueueClient().receive":
        _job(call, call.view.evaluator.text(call.arguments.get(0)), call.arguments.get(2), "receive")


def _send(call: Call) -> None:
    view, receiver = call.view, call.receiver_node
    topic, payload = call.arguments.get(0), call.arguments.get(1)
    given = view.evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    delay, key = given.get("delaySeconds"), given.get("idempotencyKey")
    view.add(
        Enqueue(
            **call.common(NAME),
            name=view.evaluator.text(topic),
            form="send",
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=view.value(topic) if topic is not None else None,
            arguments=(view.argument(payload),) if payload is not None else (),
            delay=view.value(delay) if delay is not None else None,
            dedupe=view.value(key) if key is not None else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
            options=view.options(call.arguments.get(2)),
        )
    )


def _callback(call: Call) -> None:
    """`export const POST = handleCallback(async (message) => {})`; early versions: `handleCallback({ topic: { group: handler } })`."""
    view = call.view
    topics = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    for topic, consumers in topics.items():
        for handler in view.evaluator.entries(consumers).values() or (consumers,):
            _job(call, topic, handler, "handleCallback")
    if not topics:
        # Which topic it is, the trigger in vercel.json says.
        segments = route_of(view.source.path)
        _job(call, f"/{'/'.join(segments)}" if segments else "", call.arguments.get(0), "handleCallback")


def _job(call: Call, name: str, handler: Place | None, form: str) -> None:
    view = call.view
    symbol, whole = holder(view.source, call.node) if not call.via else ("", span(call.node))
    topic = Literal(name)
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=symbol,
            module=view.module,
            definition=whole,
            form=form,
            queue=topic if not name.startswith("/") else None,
            triggers=(Trigger("event", topic),) if name and not name.startswith("/") else (),
            handler=handler_of(view, handler),
            acknowledgement="late",
            live=True if form == "receive" else None,
        )
    )


def _finish(found: Found) -> None:
    """The trigger of a route says the topic of the only callback in its file, which is the job."""
    triggers = {invoked.files[0]: invoked for invoked in found.invoked if invoked.system == NAME and invoked.files}
    jobs = [item for item in found.items if isinstance(item, Job) and item.system == NAME]
    told: dict[int, Job] = {}
    for job in jobs:
        invoked = triggers.get(job.location.path)
        if invoked is not None and sum(other.location.path == job.location.path for other in jobs) == 1:
            found.invoked.remove(invoked)
            told[id(job)] = msgspec.structs.replace(
                job, name=invoked.name, triggers=invoked.triggers, queue=invoked.queue, options=invoked.options, live=True
            )
    found.items[:] = [told.get(id(item), item) for item in found.items]


READER = Reader(system=NAME, markers=(b"@vercel/queue",), packages=(PACKAGE,), call=_read, finish=_finish)
