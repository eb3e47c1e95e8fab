"""BullMQ (4, 5, 6) and `@nestjs/bullmq` in TypeScript and JavaScript."""

from __future__ import annotations

import msgspec

from migrator.jobs import Client, Item, Job, Retry, Trigger, Use, Worker, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Member, Place
from migrator.scanners.made_within import report_made_within
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript import bullmq_nest
from migrator.scanners.typescript.bullmq_options import made_for_each, retry_of
from migrator.scanners.typescript.bullmq_queues import METHODS, SCHEDULER, TELLTALES
from migrator.scanners.typescript.bullmq_terms import NAME, job_names
from migrator.scanners.typescript.handlers import file_of, handler_in, handler_of
from migrator.syntax.source import span
from migrator.syntax.tree import field

_PACKAGES = ("bullmq", bullmq_nest.PACKAGE, "@taskforcesh/bullmq-pro")
_CLIENTS = {"Queue": "queue", "QueuePro": "queue", "FlowProducer": "flow", "FlowProducerPro": "flow", "QueueEvents": "events"}
_WORKERS = ("Worker", "WorkerPro")


def read(call: Call) -> None:
    """Sort one call of BullMQ's API."""
    package, _, path = call.key.partition(".")
    if package == bullmq_nest.PACKAGE:
        bullmq_nest.read(call, path)
    elif path in _CLIENTS:
        _client(call, _CLIENTS[path])
    elif path in _WORKERS:
        _worker(call)
    elif path in METHODS:
        METHODS[path](call)
    elif path in (f"{worker}().on" for worker in _WORKERS):
        call.view.found.calls["bullmq listener"].append(call)


def _client(call: Call, role: str) -> None:
    view = call.view
    parent = call.node.parent
    symbol = field(parent, "name") if parent is not None and parent.type == "variable_declarator" else None
    name = view.evaluator.text(call.arguments.get(0)) if role != "flow" else ""
    if role == "queue":
        view.found.calls["bullmq queue"].append(call)
    view.add(
        Client(
            **call.common(NAME),
            name=name or ("" if symbol is None or made_for_each(call) else view.source.text(symbol)),
            symbol=view.source.text(symbol) if symbol is not None else "",
            module=view.module,
            definition=span(call.node),
            role=role,
            options=view.options(call.arguments.get(0 if role == "flow" else 1)),
        )
    )


def _worker(call: Call) -> None:
    """`new Worker(queue, processor, options)`; the processor is a function, the path of a file, or missing."""
    view = call.view
    options = view.options(call.arguments.get(2))
    first, processor = _queue_named(view, call.arguments.get(0)), call.arguments.get(1)
    name = view.evaluator.text(first)
    path = file_of(view, processor)
    common = call.common(NAME)
    view.add(
        Worker(**common, name=name, queues=(name,) if name else (), concurrency=options.get("concurrency"), options=options),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form=_form(call, processor, path),
            queue=view.value(first) if first is not None else None,
            triggers=(Trigger("direct", view.value(first)),) if first is not None else (),
            concurrency=options.get("concurrency"),
            rate_limit=options.get("limiter"),
            options=options,
            handler=handler_in(view, path) or handler_of(view, processor),
            uses=(*job_names(view, processor), *_sandbox(call, path)),
            live=True,
        ),
    )


def _queue_named(view: View, place: Place | None) -> Place | None:
    """What names the queue: of `mails.name`, what that queue was made with."""
    meaning = view.evaluator.meaning(place) if place is not None else None
    queue = meaning.of if isinstance(meaning, Member) and meaning.name == "name" else None
    made = queue.call if isinstance(queue, Instance) and queue.of.key.endswith(tuple(f".{c}" for c in _CLIENTS)) else None
    given = view.evaluator.arguments(made).get(0) if made is not None else None
    return given if isinstance(given, Place) else place


def _form(call: Call, processor: Place | None, path: str) -> str:
    if path:
        return "new Worker, sandboxed"
    known = call.view.evaluator.known(processor) if processor is not None else ""
    missing = processor is None or (known is None and processor.text in ("null", "undefined"))
    return "new Worker, fetched by hand" if missing else "new Worker"


def _sandbox(call: Call, path: str) -> tuple[Use, ...]:
    return (Use("sandboxed processor", call.location, path),) if path else ()


def _finish(found: Found) -> None:
    """What is said apart from a worker: the attempts that its queue allows, and what listens to its failures."""
    retries = _retries(found)
    failures: dict[tuple[str, int], Call] = {}
    for call in found.calls["bullmq listener"]:
        made = call.receiver.call if isinstance(call.receiver, Instance) else None
        if made is not None and call.view.evaluator.text(call.arguments.get(0)) == "failed" and 1 in call.arguments:
            failures[(made.source.path, made.node.start_byte)] = call
    found.items[:] = [
        _completed(item, retries, failures) if isinstance(item, Job) and item.system == NAME else item for item in found.items
    ]


def _retries(found: Found) -> dict[str, Retry]:
    """queue -> the attempts that `defaultJobOptions` of its only definition allow."""
    retries: dict[str, Retry | None] = {}
    for call in found.calls["bullmq queue"]:
        evaluator = call.view.evaluator
        name = evaluator.text(call.arguments.get(0))
        options = evaluator.entries(call.arguments[1]) if 1 in call.arguments else {}
        retry = retry_of(call.view, evaluator.entries(options["defaultJobOptions"])) if "defaultJobOptions" in options else None
        # Queues of one name that say different things say nothing for sure.
        retries[name] = retry if name not in retries or retries[name] == retry else None
    return {name: retry for name, retry in retries.items() if name and retry is not None}


def _completed(job: Job, retries: dict[str, Retry], failures: dict[tuple[str, int], Call]) -> Item:
    queue = literal_of(job.queue)
    listener = failures.get((job.location.path, job.definition.start)) if job.definition is not None else None
    return msgspec.structs.replace(
        job,
        retry=job.retry or retries.get(queue if isinstance(queue, str) else ""),
        failure_handler=job.failure_handler or (span(listener.arguments[1].node) if listener is not None else None),
    )


def _unknown(call: Call) -> None:
    """A schedule that is put into a queue which could not be followed: no other library has a method of that name."""
    if call.view.source.text(call.name) != SCHEDULER:
        report_made_within(READER, call)
        return
    before = len(call.view.found.items)
    METHODS[f"Queue().{SCHEDULER}"](call)
    reason = "which queue this is put into could not be followed"
    call.view.found.items[before:] = [
        msgspec.structs.replace(item, confidence="likely", reason=reason) for item in call.view.found.items[before:]
    ]


READER = Reader(system=NAME, markers=(b"bullmq",), packages=_PACKAGES, call=read, finish=_finish, telltales=TELLTALES, unknown=_unknown)
