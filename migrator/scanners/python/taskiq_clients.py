"""Taskiq's brokers and schedulers, and workers that code starts itself."""

from __future__ import annotations

from migrator.jobs import Literal, Worker
from migrator.scanners.linking import External
from migrator.scanners.python.deriving import made_of_derived
from migrator.scanners.python.making import add_client
from migrator.scanners.python.taskiq_terms import SYSTEM, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

_SCHEDULERS = frozenset(
    (
        "taskiq.TaskiqScheduler",
        "taskiq.scheduler.TaskiqScheduler",
        "taskiq.scheduler.scheduler.TaskiqScheduler",
        "taskiq_faststream.StreamScheduler",
    )
)
_STARTS = {
    "taskiq.api.run_receiver_task": "worker",
    "taskiq.api.receiver.run_receiver_task": "worker",
    "taskiq.api.run_scheduler_task": "scheduler",
    "taskiq.api.scheduler.run_scheduler_task": "scheduler",
    "taskiq.cli.worker.run.run_worker": "worker",
    "taskiq.cli.scheduler.run.run_scheduler": "scheduler",
}
_RETRIES = ("SimpleRetryMiddleware", "SmartRetryMiddleware")


def read(call: Call) -> bool:
    """Record the broker, scheduler or worker that a call makes or starts; note middlewares that retry."""
    if Terms(call.view.evaluator).is_broker_class(call.callee):
        _client(call, "app")
    elif call.key in _SCHEDULERS:
        _client(call, "scheduler")
    elif call.key in _STARTS:
        _worker(call, _STARTS[call.key])
    elif isinstance(call.callee, External) and call.callee.path[-1] in _RETRIES:
        call.view.found.calls[SYSTEM].append(call)
    else:
        return False
    return True


def read_file(view: View) -> None:
    """Record brokers of a class of the project that derives from one of Taskiq's."""
    for call in made_of_derived(view, Terms(view.evaluator).is_broker_class):
        _client(call, "app")


def _client(call: Call, role: str) -> None:
    node = call.node
    # `Broker(…).with_result_backend(…)` is kept as a whole.
    while (outer := node.parent) is not None and outer.type in ("attribute", "call", "parenthesized_expression"):
        if outer.type == "call" and child(outer, "function") != node:
            break
        node = outer
    add_client(call, SYSTEM, role, node)


def _worker(call: Call, role: str) -> None:
    name = call.view.source.text(call.name)
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name=name,
            role="scheduler" if role == "scheduler" else "worker",
            concurrency=Literal(1),
            entry=span(call.node),
            options={str(k): call.view.value(v) for k, v in call.arguments.items()},
        )
    )
