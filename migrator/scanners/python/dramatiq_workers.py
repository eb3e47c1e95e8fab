"""Brokers, and workers that code starts itself."""

from __future__ import annotations

from migrator.jobs import Client, Worker
from migrator.scanners.python import passing
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.dramatiq_terms import SYSTEM, Terms
from migrator.scanners.python.own_classes import own_class_calls
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_WORKERS = frozenset(("dramatiq.Worker", "dramatiq.worker.Worker"))
#: the command line's own main function
_PROGRAMS = frozenset(("dramatiq.cli.main", "dramatiq.__main__.main", "dramatiq.cli.__main__.main"))


def read(call: Call) -> bool:
    """Record the broker or worker that a call makes."""
    terms = Terms(call.view.evaluator)
    if terms.makes_broker(call.callee):
        _client(call)
        return True
    if call.key in _PROGRAMS:
        call.view.add(Worker(**call.common(SYSTEM), name="dramatiq", entry=span(statement_of(call.node))))
        return True
    if call.key in _WORKERS:
        _worker(call)
        return True
    return False


def read_file(view: View) -> None:
    """Record brokers of a class of the project that derives from one of Dramatiq's."""
    terms = Terms(view.evaluator)
    for call, made in own_class_calls(view):
        if terms.makes_broker(made):
            _client(call)


def _client(call: Call) -> None:
    symbol = assigned_name(call.view.source, call.node)
    call.view.add(
        Client(
            **call.common(SYSTEM),
            name=symbol or SYSTEM,
            symbol=symbol.rpartition(".")[2],
            module=call.view.module,
            definition=span(statement_of(call.node)),
            role="broker",
            options={k: call.view.value(v) for k, v in passing.named(call.inner, ()).items()},
        )
    )


def _worker(call: Call) -> None:
    given = passing.named(call.inner, ("broker",))
    queues = call.view.evaluator.known_list(given.get("queues"))
    threads = given.get("worker_threads")
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name="Worker",
            queues=queues,
            concurrency=call.view.value(threads) if threads is not None else None,
            entry=span(statement_of(call.node)),
            options={k: call.view.value(v) for k, v in given.items() if k != "broker"},
        )
    )
