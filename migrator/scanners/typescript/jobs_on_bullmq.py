"""Jobs as `migrate codemod` leaves them when it moves Inngest's functions to BullMQ: `jobs.define({ id, attempts, triggers }, handler)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

import msgspec

from migrator.jobs import Client, Expression, Item, Job, Literal, Retry, Value, Worker, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.generated import PACKAGE
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.inngest_events import enqueues_of, sent_by_steps
from migrator.scanners.typescript.inngest_functions import concurrency_of, failure_uses, schedule_of, triggers_of
from migrator.scanners.typescript.inngest_handlers import Body, read_body
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.bullmq import SYSTEM
from migrator.systems.inngest import SYSTEM as INNGEST

NAME = SYSTEM.name
_JOBS = f"{PACKAGE}.createJobs()"
_DEFINE = f"{_JOBS}.define"
_FORM, _WORKER = "define", "startWorkers"


def read(call: Call) -> None:
    """Sort one call of the library."""
    action = _ACTIONS.get(call.key)
    if action is not None:
        action(call)


def _client(call: Call) -> None:
    """`createJobs({ id })`: its id stands before the id of each job in the name of the queue."""
    view = call.view
    symbol, statement = holder(view.source, call.node)
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    name = view.evaluator.text(entries.get("id")) or symbol
    options = view.options(call.arguments.get(0))
    view.add(Client(**call.common(NAME), name=name, symbol=symbol, module=view.module, definition=statement, role="app", options=options))


def _define(call: Call) -> None:
    """`define(options, handler)`, and `define(options, triggers, handler)`."""
    view, given = call.view, call.arguments
    first, second = given.get(0), given.get(1)
    if first is None or second is None or "*" in given:
        view.unresolved(call.node, "the arguments of define could not be followed", NAME)
        return
    handler = given.get(2, second)
    entries, options = view.evaluator.entries(first), view.options(first)
    name = view.evaluator.text(entries.get("id"))
    symbol, statement = holder(view.source, call.node)
    triggers = tuple(triggers_of(view, second if 2 in given else entries.get("triggers"), name, NAME))
    body, failure = read_body(view, handler), entries.get("onFailure")
    after = read_body(view, failure) if failure is not None else Body()
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=symbol,
            module=view.module,
            definition=statement,
            form=_FORM,
            handler=handler_of(view, handler),
            triggers=triggers,
            queue=_queue(call, name),
            retry=_retry(options.get("attempts")),
            concurrency=concurrency_of(options.get("concurrency")),
            acknowledgement="late",
            failure_handler=span(failure.node) if failure is not None else None,
            steps=body.steps,
            uses=(*body.uses, *failure_uses(after)),
            options={k: v for k, v in options.items() if k not in ("triggers", "onFailure")},
        )
    )
    for found in triggers:
        if found.kind == "cron":
            view.add(schedule_of(call, found, name, symbol, NAME))


def _retry(attempts: Value | None) -> Retry | None:
    """The library waits between attempts as Inngest does."""
    facts = INNGEST.retry
    return (
        Retry(attempts, facts.backoff, never_on=("NonRetriableError",), explicit=True)
        if attempts is not None and facts is not None
        else None
    )


def _queue(call: Call, name: str) -> Value | None:
    """The queue's name, as `createJobs` makes it of both ids."""
    made = call.receiver
    given = call.view.evaluator.arguments(made.call).get(0) if isinstance(made, Instance) and made.call is not None else None
    entries = call.view.evaluator.entries(given) if isinstance(given, Place) else {}
    prefix = call.view.evaluator.text(entries.get("id"))
    return Literal(f"{prefix}-{name}") if prefix and name else Expression(name) if name else None


def _sent(call: Call) -> None:
    """`jobs.send(events)`."""
    enqueues_of(call, NAME)


def _started(call: Call) -> None:
    """`startWorkers([job, …])`: the process that runs them."""
    view = call.view
    listed = elements(view.evaluator, call.arguments[0]) if 0 in call.arguments else None
    found = [view.evaluator.meaning(e) for e in listed.known] if listed else []
    symbols = tuple(getattr(meaning, "symbol", "") for meaning in found)
    sure = listed is not None and not listed.unknown and all(symbols)
    view.add(
        Worker(
            **call.common(NAME),
            name=_WORKER,
            queues=tuple(filter(None, symbols)),
            confidence="certain" if sure else "likely",
            reason="" if sure else "the list of jobs could not be followed to its end",
        )
    )


def _link(found: Found) -> None:
    """Say of each job whether a worker runs it, None where a list could not be followed; and of each worker which queues it takes from."""
    workers = [i for i in found.items if _is_worker(i)]
    run = {symbol for worker in workers if not worker.area for symbol in worker.queues}
    whole = any(not w.area for w in workers) and all(w.confidence == "certain" for w in workers if not w.area)
    jobs = {f"{j.module}:{j.symbol}": j for j in found.items if isinstance(j, Job) and j.system == NAME and j.form == _FORM}
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == NAME and item.form == _FORM:
            live = True if f"{item.module}:{item.symbol}" in run else False if whole else None
            reason = "no worker is given it" if live is False else ""
            found.items[index] = msgspec.structs.replace(item, live=live, reason=item.reason or reason)
        elif _is_worker(item):
            known = (literal_of(jobs[symbol].queue) for symbol in item.queues if symbol in jobs)
            queues = tuple(queue for queue in known if isinstance(queue, str))
            found.items[index] = msgspec.structs.replace(item, queues=queues)


def _is_worker(item: Item) -> TypeGuard[Worker]:
    return isinstance(item, Worker) and item.system == NAME and item.name == _WORKER


def _steps(view: View) -> None:
    if not view.source.is_python:
        sent_by_steps(view, _DEFINE, NAME)


_ACTIONS: dict[str, Callable[[Call], None]] = {
    f"{PACKAGE}.createJobs": _client,
    _DEFINE: _define,
    f"{_JOBS}.send": _sent,
    f"{PACKAGE}.{_WORKER}": _started,
}

READER = Reader(
    system=NAME,
    markers=(b"createJobs(", b"startWorkers("),
    packages=(PACKAGE,),
    call=read,
    file=_steps,
    finish=_link,
)
