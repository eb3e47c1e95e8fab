"""Bull 3 and 4, and `@nestjs/bull`, in TypeScript and JavaScript."""

from __future__ import annotations

import re

import msgspec

from migrator.jobs import Client, Item, Job, Retry, Trigger, Use, Value, Worker, literal_of
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Known, Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript import bull_nest, bull_queues
from migrator.scanners.typescript.bullmq_options import made_for_each, queue_name, queue_of, retry_of
from migrator.scanners.typescript.bullmq_terms import job_names
from migrator.scanners.typescript.handlers import file_of, function_of, handler_in, handler_of
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.bull import SYSTEM

NAME = SYSTEM.name
_PACKAGE = "bull"
#: how the class is reached: by `require`, as the default, by a name, and as types have it
QUEUES = tuple(f"{_PACKAGE}{path}" for path in ("", ".default", ".Queue", ".default.Queue", ".default.default"))
#: a number of jobs at once, told from the name of a job by how it is called
_COUNT = regex(r"concurren|parallel|workers|threads|limit|max|count|parseInt|Number|^\+|^\(?\d", re.IGNORECASE)


def read(call: Call) -> None:
    """Sort one call of Bull's API."""
    package, _, path = call.key.partition(".")
    if package == bull_nest.PACKAGE:
        bull_nest.read(call, path)
        return
    if call.key in QUEUES:
        _client(call)
        return
    # `await queue.isReady()` gives the queue itself.
    owner, _, method = call.key.replace("().isReady()", "()").rpartition("().")
    if owner not in QUEUES:
        return
    if method == "process":
        _process(call)
    elif method in bull_queues.METHODS:
        bull_queues.METHODS[method](call)
    elif method == "on":
        call.view.found.calls["bull listener"].append(call)


def _client(call: Call) -> None:
    """`new Queue(name, url, options)`, `new Queue(name, options)` or `new Queue(name, url)`."""
    view = call.view
    call.view.found.calls["bull queue"].append(call)
    name, (symbol, _) = view.evaluator.text(call.arguments.get(0)), holder(view.source, call.node)
    options = {k: v for index in (1, 2) for k, v in view.options(call.arguments.get(index)).items()}
    view.add(
        Client(
            **call.common(NAME),
            name=name or ("" if made_for_each(call) else symbol),
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role="queue",
            options=options,
        )
    )


def _process(call: Call) -> None:
    """`process([name], [concurrency], processor)`; the processor is a function or the path of a file."""
    view = call.view
    given = [call.arguments[k] for k in sorted(k for k in call.arguments if isinstance(k, int))]
    if not given:
        return
    *before, processor = given
    named, concurrency = _apart(call, before)
    queue = bull_queues.queue_of_call(call)
    known = literal_of(queue)
    queue_text = known if isinstance(known, str) else ""
    name = view.evaluator.text(named) if named is not None else queue_text
    common = call.common(NAME)
    path = file_of(view, processor) if function_of(view, processor) is None else ""
    trigger = view.value(named) if named is not None else queue
    view.add(
        Worker(**common, name=queue_text, queues=(queue_text,) if queue_text else (), concurrency=concurrency),
        Job(
            **common,
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="process, sandboxed" if path else "process",
            queue=queue,
            triggers=(Trigger("direct", trigger),) if trigger is not None else (),
            concurrency=concurrency,
            rate_limit=_limiter(call),
            handler=handler_in(view, path) or handler_of(view, processor),
            uses=(Use("sandboxed processor", call.location, path),)
            if path
            else job_names(view, processor)
            if name in ("*", queue_text)
            else (),
            live=True,
        ),
    )


def _apart(call: Call, before: list[Place]) -> tuple[Place | None, Value | None]:
    """(the job's name, how many run at once) among what stands before the processor."""
    view = call.view
    if len(before) > 1:
        return before[0], view.value(before[1])
    if not before:
        return None, None
    meaning = view.evaluator.meaning(before[0])
    counts = isinstance(meaning.value, int | float) if isinstance(meaning, Known) else bool(_COUNT.search(before[0].text))
    return (None, view.value(before[0])) if counts else (before[0], None)


def _limiter(call: Call) -> Value | None:
    """`limiter` of the queue that a method is called on."""
    options = (call.view.evaluator.entries(place) for key, place in queue_of(call).items() if key in (1, 2))
    return next((call.view.value(entries["limiter"]) for entries in options if "limiter" in entries), None)


def _finish(found: Found) -> None:
    """What is said apart from a processor: the attempts that its queue allows, and what listens to its failures."""
    retries: dict[tuple[str, int], Retry] = {}
    for call in found.calls["bull queue"]:
        evaluator = call.view.evaluator
        for index in (1, 2):
            options = evaluator.entries(call.arguments[index]) if index in call.arguments else {}
            retry = retry_of(call.view, evaluator.entries(options["defaultJobOptions"])) if "defaultJobOptions" in options else None
            if retry is not None:
                retries[(call.inner.source.path, call.inner.node.start_byte)] = retry
    by_name = {i.name: retries[at] for i in found.items if isinstance(i, Client) and (at := _at(i)) in retries and i.system == NAME}
    failures: dict[str, Call] = {}
    for call in found.calls["bull listener"]:
        queue = literal_of(queue_name(call)) if isinstance(call.receiver, Instance) else None
        if isinstance(queue, str) and call.view.evaluator.text(call.arguments.get(0)) == "failed" and 1 in call.arguments:
            failures[queue] = call
    found.items[:] = [_completed(i, by_name, failures) if isinstance(i, Job) and i.system == NAME else i for i in found.items]


def _at(item: Client) -> tuple[str, int]:
    return (item.location.path, item.definition.start if item.definition is not None else -1)


def _completed(job: Job, retries: dict[str, Retry], failures: dict[str, Call]) -> Item:
    known = literal_of(job.queue)
    queue = known if isinstance(known, str) else ""
    listener = failures.get(queue)
    # Spans are of the job's own file.
    listens = listener is not None and listener.view.source.path == job.location.path
    return msgspec.structs.replace(
        job,
        retry=job.retry or retries.get(queue),
        failure_handler=job.failure_handler or (span(listener.arguments[1].node) if listens and listener is not None else None),
    )


READER = Reader(
    system=NAME,
    markers=(b'"bull"', b"'bull'", b"`bull`", b"@nestjs/bull"),
    packages=(_PACKAGE, bull_nest.PACKAGE),
    call=read,
    finish=_finish,
    telltales=frozenset((*bull_queues.METHODS, "process")),
)
