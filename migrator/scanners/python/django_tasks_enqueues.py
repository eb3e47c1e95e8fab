"""Places that put a task of Django's on its way.

`Enqueue.form`: `enqueue`, `aenqueue` as called on a task; `backend.enqueue` on a backend that is handed the task; `enqueue-reference` for a
bound method that is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Enqueue
from migrator.scanners.linking import Defined, Instance, Known, Member, Place, Unknown
from migrator.scanners.python import passing
from migrator.scanners.python.django_tasks_terms import RUNS, SYSTEM, Chosen, Terms
from migrator.scanners.python.passed_on import passed_on
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View

_DYNAMIC = "the task is only known at run time"


def read(call: Call) -> bool:
    """Record what `call` enqueues; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    if terms.is_backend_call(call.key):
        given = passing.split(call.view, call.inner, ("task", "args", "kwargs"))
        place = given.options.pop("task", None)
        task = terms.task(call.view.evaluator.meaning(place)) if place is not None else None
        _add(call, terms, task, f"backend.{call.view.source.text(call.name)}", given)
        return True
    if not isinstance(call.callee, Member) or call.callee.name not in RUNS:
        return False
    task = terms.task(call.callee.of)
    told = task is not None or terms.handed_in(call.callee.of)
    if told:
        _add(call, terms, task, call.callee.name, passing.direct(call.view, call.inner))
    return told


def read_references(view: View) -> None:
    """Record methods that are passed on without being called: `partial(task.enqueue, 1)`, `on_commit(task.enqueue)`."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, RUNS):
        callee = found.call.callee
        task = terms.task(callee.of) if isinstance(callee, Member) else None
        if task is not None and isinstance(callee, Member):
            _add(found.call, terms, task, f"{callee.name}-reference", Passing(found.arguments), found.doubt)


def read_unknown(call: Call) -> None:
    """Report `x.enqueue(…)` on something that could not be told."""
    root = call.callee
    while isinstance(root, Member | Instance):
        root = root.of
    # A backend of the project calls the one that it derives from.
    if not isinstance(root, Known | Defined) and root.key != "builtins.super":
        why = f": {root.why}" if isinstance(root, Unknown) and root.why else ""
        call.view.unresolved(call.node, f"what {call.view.source.text(call.name)} is called on could not be told{why}", SYSTEM)


def _add(call: Call, terms: Terms, task: Chosen | None, form: str, given: Passing, doubt: str = "") -> None:
    view, doubt = call.view, doubt if task is not None else _DYNAMIC
    options: Mapping[str, Place] = task.options if task is not None else {}
    written = {k: view.value(v) for k, v in options.items()}
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, terms.job_of),
            name=task.name if task is not None else "",
            job=task.made.function.job if task is not None else "",
            form=form,
            confidence="likely" if doubt else "certain",
            reason=doubt,
            arguments=given.arguments,
            eta=written.get("run_after"),
            queue=written.get("queue_name"),
            priority=written.get("priority"),
            options=written,
        )
    )
