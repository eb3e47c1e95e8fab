"""Bee-Queue 1 and 2 in TypeScript and JavaScript: queues, what works them off, and chains that end in `save()`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Client, Enqueue, Job, Options, Trigger, Value, Worker, affine, literal_of
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.bullmq_options import queue_name
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.queue_choice import chosen
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import field
from migrator.systems.bee_queue import SYSTEM

NAME = SYSTEM.name
_PACKAGE = "bee-queue"
_QUEUES = frozenset(f"{_PACKAGE}{path}" for path in ("", ".default", ".Queue", ".default.Queue"))


def read(call: Call) -> None:
    """Sort one call of Bee-Queue's API."""
    if call.key in _QUEUES:
        _client(call)
        return
    owner, _, method = call.key.rpartition("().")
    if owner in _QUEUES and method == "process":
        _process(call)
    elif owner in _QUEUES and method == "createJob":
        _create(call)


def _client(call: Call) -> None:
    view = call.view
    symbol, _ = holder(view.source, call.node)
    view.add(
        Client(
            **call.common(NAME),
            name=view.evaluator.text(call.arguments.get(0)) or symbol,
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role="queue",
            options=view.options(call.arguments.get(1)),
        )
    )


def _queue(call: Call) -> tuple[str, Value | None]:
    queue = queue_name(call)
    known = literal_of(queue)
    if isinstance(known, str):
        return known, queue
    name = chosen(call)
    return call.view.evaluator.text(name), call.view.value(name) if name is not None else queue


def _process(call: Call) -> None:
    """`process([concurrency], handler)`."""
    view = call.view
    name, queue = _queue(call)
    given = [call.arguments[k] for k in sorted(k for k in call.arguments if isinstance(k, int))]
    if not given:
        return
    concurrency = view.value(given[0]) if len(given) > 1 else None
    view.add(
        Worker(**call.common(NAME), name=name, queues=(name,) if name else (), concurrency=concurrency),
        Job(
            **call.common(NAME),
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="process",
            queue=queue,
            triggers=(Trigger("direct", queue),) if queue is not None else (),
            concurrency=concurrency,
            handler=handler_of(view, given[-1]),
            live=True,
        ),
    )


def _create(call: Call) -> None:
    """`createJob(data).timeout(ms).retries(n).backoff(strategy, ms).delayUntil(date).setId(id).save()`."""
    view, receiver = call.view, call.receiver_node
    name, queue = _queue(call)
    chained = dict(_chain(call))
    options: Options = {method: view.value(places[0]) for method, places in chained.items() if places}
    retries = options.get("retries")
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form="createJob",
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=queue,
            arguments=(view.argument(call.arguments[0]),) if 0 in call.arguments else (),
            options=options,
            eta=options.get("delayUntil"),
            dedupe=options.get("setId"),
            max_attempts=affine(retries, offset=1) if retries is not None else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _chain(call: Call) -> Iterator[tuple[str, list[Place]]]:
    """(method, arguments) of what is called on the job in the same breath."""
    view = call.view
    node: Node = call.node
    while node.parent is not None and node.parent.type == "member_expression":
        member = node.parent
        outer, name = member.parent, field(member, "property")
        if outer is None or outer.type != "call_expression" or name is None:
            return
        given = view.evaluator.arguments(view.place(outer))
        yield view.source.text(name), [p for p in given.values() if isinstance(p, Place)]
        node = outer


READER = Reader(
    system=NAME,
    markers=(_PACKAGE.encode(),),
    packages=(_PACKAGE,),
    call=read,
    telltales=frozenset(("createJob", "process")),
)
