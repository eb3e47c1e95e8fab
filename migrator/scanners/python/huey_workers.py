"""Huey objects, and consumers that code makes itself."""

from __future__ import annotations

from migrator.jobs import Client, Literal, Value, Worker
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import passing
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.huey_terms import SYSTEM, Terms
from migrator.scanners.python.own_classes import own_class_calls
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_CONSUMERS = frozenset(("huey.consumer.Consumer", "huey.Consumer"))


def read(call: Call) -> bool:
    """Record the Huey object or consumer that a call makes."""
    terms = Terms(call.view.evaluator)
    if terms.makes_huey(call.callee):
        if not call.key.startswith("django_huey."):
            _client(call)
        return True
    if call.key in _CONSUMERS or terms.method(call.callee) == "create_consumer":
        _consumer(call, terms)
        return True
    return False


def read_file(view: View) -> None:
    """Record objects of a class of the project that derives from one of Huey's."""
    terms = Terms(view.evaluator)
    for call, made in own_class_calls(view):
        if terms.makes_huey(made):
            _client(call)


def _client(call: Call) -> None:
    options = {k: call.view.value(v) for k, v in passing.named(call.inner, ("name",)).items()}
    symbol = assigned_name(call.view.source, call.node)
    name = options.get("name")
    known = name.value if isinstance(name, Literal) and isinstance(name.value, str) else ""
    call.view.add(
        Client(
            **call.common(SYSTEM),
            name=known or symbol or SYSTEM,
            symbol=symbol.rpartition(".")[2],
            module=call.view.module,
            definition=span(statement_of(call.node)),
            role="app",
            options=options,
        )
    )


def _consumer(call: Call, terms: Terms) -> None:
    given = passing.named(call.inner, ("huey",) if call.key in _CONSUMERS else ())
    receiver = call.receiver if "huey" not in given else call.view.evaluator.meaning(given["huey"])
    name: Value | None = terms.name_of(call.view, receiver) if isinstance(receiver, Instance) else None
    workers: Place | None = given.get("workers")
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name="Consumer",
            queues=(name.value,) if isinstance(name, Literal) and isinstance(name.value, str) else (),
            concurrency=call.view.value(workers) if workers is not None else None,
            entry=span(statement_of(call.node)),
            options={k: call.view.value(v) for k, v in given.items() if k != "huey"},
        )
    )
