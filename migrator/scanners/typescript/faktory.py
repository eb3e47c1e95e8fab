"""Faktory from Node.js (`faktory-worker`): functions registered by name, and jobs pushed."""

from __future__ import annotations

from migrator.jobs import Client, Enqueue, Job, Literal, Trigger, Value, Worker, affine
from migrator.scanners.linking import Instance, Known, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.list_results import any_entry
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.faktory import SYSTEM

NAME = SYSTEM.name
_PACKAGES = ("faktory-worker", "faktory-client")
_ROOTS = frozenset(f"{package}{path}" for package in _PACKAGES for path in ("", ".default"))
_CLIENTS = frozenset(f"{root}{made}" for root in _ROOTS for made in (".connect", ".Client", ""))
_WORKERS = frozenset((*(f"{root}.Worker()" for root in _ROOTS), *_ROOTS))


def read(call: Call) -> None:
    """Sort one call of Faktory's API."""
    owner, _, method = call.key.rpartition(".")
    if call.key in _CLIENTS - _ROOTS or call.key == "faktory-client":
        _client(call)
    elif owner in _WORKERS and method == "register":
        _register(call)
    elif owner in _WORKERS and method == "work":
        _work(call)
    elif owner.removesuffix("()") in _CLIENTS and method in ("job", "push", "pushBulk"):
        _push(call, method)


def _client(call: Call) -> None:
    view = call.view
    symbol, _ = holder(view.source, call.node)
    view.add(
        Client(**call.common(NAME), name=symbol or "faktory", symbol=symbol, module=view.module, definition=span(call.node), role="app")
    )


def _register(call: Call) -> None:
    view, name = call.view, call.view.evaluator.text(call.arguments.get(0))
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=name,
            module=view.module,
            definition=span(call.node),
            form="register",
            triggers=(Trigger("direct", Literal(name)),),
            handler=handler_of(view, call.arguments.get(1)),
            live=True,
        )
    )


def _work(call: Call) -> None:
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    queues = view.evaluator.known_list(entries.get("queues"))
    options = view.options(call.arguments.get(0))
    view.add(Worker(**call.common(NAME), name="faktory", queues=queues, concurrency=options.get("concurrency"), options=options))


def _push(call: Call, method: str) -> None:
    """`client.job(name, …arguments).push()`, `client.push({ jobtype, args })` and `client.pushBulk([…])`."""
    view = call.view
    if method == "job":
        given = [call.arguments[k] for k in sorted(k for k in call.arguments if isinstance(k, int))]
        _enqueue(call, "job", given[0] if given else None, given[1:], {})
        return
    if _made_by_job(call):
        # `client.job(…)` says of each what it is.
        return
    jobs = [view.evaluator.entries(job) for job in objects(view, call.arguments.get(0))]
    named = {view.evaluator.text(job.get("jobtype")): job for job in jobs}
    if not named or "" in named:
        _enqueue(call, method, None, [], {})
        return
    for job in named.values():
        _enqueue(call, method, job.get("jobtype"), [job["args"]] if "args" in job else [], job)


def _made_by_job(call: Call) -> bool:
    """True if `pushBulk` is handed nothing but what `client.job(…)` made: a list of those, or what is made of another list."""
    evaluator, given = call.view.evaluator, call.arguments.get(0)
    meaning = evaluator.meaning(given) if given is not None else None
    each = [any_entry(evaluator, meaning)] if isinstance(meaning, Instance) else []
    if given is not None and isinstance(meaning, Structure) and meaning.is_list:
        each = [evaluator.meaning(place) for place in elements(evaluator, given).known]
    return bool(each) and all(isinstance(job, Instance) and job.key.endswith(".job()") for job in each)


def _enqueue(call: Call, form: str, named: Place | None, arguments: list[Place], job: dict[str, Place]) -> None:
    view, receiver = call.view, call.receiver_node
    options: dict[str, Value] = {k: view.value(v) for k, v in job.items() if k not in ("args", "jobtype")}
    retry = options.get("retry")
    meaning = view.evaluator.meaning(named) if named is not None else None
    view.add(
        Enqueue(
            **call.common(NAME),
            name=str(meaning.value) if isinstance(meaning, Known) else "",
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            arguments=tuple(view.argument(place) for place in arguments),
            options=options,
            queue=options.get("queue"),
            eta=options.get("at"),
            priority=options.get("priority"),
            max_attempts=affine(retry, offset=1) if retry is not None else None,
            awaited=view.awaited(call.node),
            in_loop=form == "pushBulk" or view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


READER = Reader(
    system=NAME,
    markers=tuple(p.encode() for p in _PACKAGES),
    packages=_PACKAGES,
    call=read,
    telltales=frozenset(("job", "push", "pushBulk", "register", "work")),
)
