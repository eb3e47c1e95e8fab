"""Procrastinate's apps, and workers that code starts itself."""

from __future__ import annotations

from migrator.jobs import Literal, Worker
from migrator.scanners.linking import External
from migrator.scanners.python import passing
from migrator.scanners.python.deriving import made_of_derived
from migrator.scanners.python.making import add_client
from migrator.scanners.python.procrastinate_terms import APPS, SYSTEM, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_MAINS = frozenset(("run_worker", "run_worker_async"))


def read(call: Call) -> bool:
    """Record the app or worker that a call makes; note blueprints that an app takes in."""
    made_from_path = isinstance(call.callee, External) and call.callee.path[-1] == "from_path" and ".".join(call.callee.path[:-1]) in APPS
    if call.key in APPS or made_from_path:
        add_client(call, SYSTEM, "app")
        return True
    method, _ = Terms(call.view.evaluator).app_method(call.callee)
    if method in _MAINS:
        _worker(call, method)
    elif method == "add_tasks_from":
        call.view.found.calls[SYSTEM].append(call)
    else:
        return False
    return True


def read_file(view: View) -> None:
    """Record apps of a class of the project that derives from Procrastinate's."""
    for call in made_of_derived(view, lambda meaning: meaning.key in APPS):
        add_client(call, SYSTEM, "app")


def _worker(call: Call, method: str) -> None:
    view = call.view
    options = passing.named(call.inner, ())
    queues = view.evaluator.known_list(options.get("queues"))
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name=view.evaluator.text(options.get("name")) or method,
            queues=queues,
            concurrency=view.value(options["concurrency"]) if "concurrency" in options else Literal(1),
            entry=span(call.node),
            options={k: view.value(v) for k, v in options.items()},
        )
    )
