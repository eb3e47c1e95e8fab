"""BullMQ's Python port: queues and flows that jobs are put into, schedulers, workers with the functions that they run."""

from __future__ import annotations

from collections.abc import Callable

from migrator.jobs import Client, Job, Literal, Trigger, Worker
from migrator.scanners.python import bullmq_queues, passing
from migrator.scanners.python.assignments import assigned_name
from migrator.scanners.python.bullmq_processors import job_names
from migrator.scanners.python.bullmq_terms import SYSTEM, api
from migrator.scanners.python.dictionaries import entries
from migrator.scanners.python.functions import handler
from migrator.scanners.python.targets import target
from migrator.scanners.reading import Call, Reader
from migrator.syntax.source import span


def _read(call: Call) -> None:
    action = _ACTIONS.get(api(call.key))
    if action is not None:
        action(call)


def _client(role: str, *parameters: str) -> Callable[[Call], None]:
    """A queue or flow: `parameters` are the names of its positional ones."""

    def read(call: Call) -> None:
        view = call.view
        given = passing.named(call.inner, parameters)
        symbol = assigned_name(view.source, call.node)
        view.add(
            Client(
                **call.common(SYSTEM),
                name=view.evaluator.text(given.get("name")) or symbol,
                symbol=symbol.rpartition(".")[2],
                module=view.module,
                definition=span(call.node),
                role=role,
                options={k: view.value(v) for k, v in entries(view, given.get("opts")).items()},
            )
        )

    return read


def _worker(call: Call) -> None:
    """`Worker(queue, processor, options)`: a worker, and the job that it runs."""
    view = call.view
    given = passing.named(call.inner, ("name", "processor", "opts"))
    queue, processor = given.get("name"), given.get("processor")
    options = {k: view.value(v) for k, v in entries(view, given.get("opts")).items()}
    name = view.evaluator.text(queue)
    function = target(view, processor).function if processor is not None else None
    trigger = (Trigger("direct", view.value(queue)),) if queue is not None else ()
    common = call.common(SYSTEM)
    view.add(
        Worker(
            **common,
            name=name,
            queues=(name,) if name else (),
            concurrency=options.get("concurrency", Literal(1)),
            entry=span(call.node),
            options=options,
        ),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="Worker",
            queue=view.value(queue) if queue is not None else None,
            triggers=trigger,
            concurrency=options.get("concurrency", Literal(1)),
            rate_limit=options.get("limiter"),
            options=options,
            handler=handler(function.place) if function is not None else None,
            uses=job_names(view, function) if function is not None else (),
            acknowledgement="late",
            live=True,
        ),
    )
    if processor is not None and function is None:
        view.unresolved(call.node, "the processor could not be found", SYSTEM)


_ACTIONS: dict[str, Callable[[Call], None]] = {
    "Queue": _client("queue", "name", "opts"),
    "FlowProducer": _client("flow", "redisOpts", "opts"),
    "QueueEvents": _client("events", "name", "opts"),
    "Worker": _worker,
    **bullmq_queues.METHODS,
}

READER = Reader(
    system=SYSTEM,
    markers=(b"bullmq",),
    packages=("bullmq",),
    call=_read,
    telltales=bullmq_queues.TELLTALES,
)
