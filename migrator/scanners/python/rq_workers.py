"""Queues, schedulers and workers that code makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.jobs import Client, Literal, Value, Worker
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.own_classes import own_class_calls
from migrator.scanners.python.rq_jobs import queue_of
from migrator.scanners.python.rq_terms import SYSTEM, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

#: api -> (role of the client, positional parameters)
_CLIENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Queue": ("queue", ("name", "default_timeout", "connection", "is_async")),
    "Scheduler": ("scheduler", ("queue_name", "queue", "interval", "connection")),
    "CronScheduler": ("scheduler", ("connection", "logging_level", "name")),
    "RQ": ("app", ("app", "default_timeout")),
}
_POOLED = frozenset(("WorkerPool",))
_BY_NAME = frozenset(("get_worker",))


def read(call: Call) -> bool:
    """Record the client or worker that a call makes."""
    terms = Terms(call.view.evaluator)
    api = terms.api(call.callee)
    if api in _CLIENTS:
        _client(call, terms, api)
    elif terms.made_by(call.callee) == "Worker":
        _worker(call, terms, api)
    else:
        return False
    return True


def read_file(view: View) -> None:
    """Record clients and workers of a class of the project that derives from one of RQ's."""
    terms = Terms(view.evaluator)
    for call, made in own_class_calls(view):
        kind = terms.made_by(made)
        if kind == "Worker":
            _worker(call, terms, made.name)
        elif kind in _CLIENTS:
            _client(call, terms, kind)


def _client(call: Call, terms: Terms, api: str) -> None:
    role, parameters = _CLIENTS[api]
    options = passing.named(call.inner, parameters)
    name: Value | None = queue_of(call.view, terms, options.get(parameters[0])) if role != "app" else Literal(SYSTEM)
    symbol = assigned_name(call.view.source, call.node)
    text = name.value if isinstance(name, Literal) and isinstance(name.value, str) else "default" if name is None else ""
    call.view.add(
        Client(
            **call.common(SYSTEM),
            name=text if role == "queue" else symbol or SYSTEM,
            symbol=symbol.rpartition(".")[2],
            module=call.view.module,
            definition=span(statement_of(call.node)),
            role=role,
            options={k: call.view.value(v) for k, v in options.items()},
        )
    )


def _worker(call: Call, terms: Terms, api: str) -> None:
    options = passing.named(call.inner, () if api in _BY_NAME else ("queues", "name"))
    listed = [v for k, v in options.items() if k.startswith("#")] if api in _BY_NAME else [options["queues"]] if "queues" in options else []
    queues = tuple(name for place in listed for name in _queues(call.view, terms, place))
    concurrency = call.view.value(options["num_workers"]) if api in _POOLED and "num_workers" in options else None
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name=api,
            queues=queues,
            concurrency=concurrency,
            entry=span(statement_of(call.node)),
            options={k: call.view.value(v) for k, v in options.items() if k != "queues"},
        )
    )


def _queues(view: View, terms: Terms, place: Place) -> Iterator[str]:
    """Names of the queues that `place` lists: texts, queues, `map(Queue, names)`, `[Queue(n) for n in names]`; as written otherwise."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None and meaning.of.key in ("builtins.map", "builtins.list"):
        inner = view.evaluator.arguments(meaning.call).get(1 if meaning.of.key == "builtins.map" else 0)
        if isinstance(inner, Place):
            yield from _queues(view, terms, inner)
        return
    if place.node.type == "list_comprehension":
        clause = next((c for c in place.node.named_children if c.type == "for_in_clause"), None)
        right = child(clause, "right")
        if right is not None:
            yield from _queues(view, terms, Place(place.source, right, place.frame))
        return
    found = elements(view.evaluator, place)
    for element in found.known:
        name = queue_of(view, terms, element)
        yield name.value if isinstance(name, Literal) and isinstance(name.value, str) else element.text
    yield from (rest.text for rest in found.unknown)
