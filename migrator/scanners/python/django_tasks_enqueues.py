"""Places that put a task of Django's on its way.

`Enqueue.form`: `enqueue`, `aenqueue` as called on a task; `backend.enqueue` on a backend that is handed the task; `enqueue-reference` for a
bound method that is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Confidence, Enqueue
from migrator.scanners.linking import Defined, Instance, Known, Member, Place, Unknown
from migrator.scanners.python import passing
from migrator.scanners.python.django_tasks_terms import RUNS, SYSTEM, Chosen, Terms
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import callee_of
from migrator.syntax.tree import field as child

_DYNAMIC = "the task is only known at run time"
_PARTIALS = frozenset(("functools.partial",))


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
    for node in view.source.nodes("attribute"):
        name, parent = child(node, "attribute"), node.parent
        if name is None or view.source.text(name) not in RUNS or parent is None:
            continue
        called = callee_of(parent) if parent.type == "call" else None
        if (called is not None and called.id == node.id) or parent.type == "attribute":
            continue
        callee = view.evaluator.of(view.source, node)
        task = terms.task(callee.of) if isinstance(callee, Member) else None
        if task is None:
            continue
        maker = parent.parent if parent.type == "argument_list" and parent.named_children[0].id == node.id else None
        function = callee_of(maker) if maker is not None else None
        partial = function is not None and view.evaluator.of(view.source, function).key in _PARTIALS
        whole = maker if partial and maker is not None else node
        rest = passing.direct(view, view.place(whole)).arguments[1:] if partial else ()
        call = Call(view, whole, callee, callee.key, name, view.place(whole))
        _add(call, terms, task, f"{view.source.text(name)}-reference", Passing(rest), "likely", "passed on, to be called later")


def read_unknown(call: Call) -> None:
    """Report `x.enqueue(…)` on something that could not be told."""
    root = call.callee
    while isinstance(root, Member | Instance):
        root = root.of
    # A backend of the project calls the one that it derives from.
    if not isinstance(root, Known | Defined) and root.key != "builtins.super":
        why = f": {root.why}" if isinstance(root, Unknown) and root.why else ""
        call.view.unresolved(call.node, f"what {call.view.source.text(call.name)} is called on could not be told{why}", SYSTEM)


def _add(
    call: Call, terms: Terms, task: Chosen | None, form: str, given: Passing, confidence: Confidence = "certain", reason: str = ""
) -> None:
    view = call.view
    options: Mapping[str, Place] = task.options if task is not None else {}
    written = {k: view.value(v) for k, v in options.items()}
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, terms.job_of),
            name=task.name if task is not None else "",
            job=task.made.function.job if task is not None else "",
            form=form,
            confidence=confidence if task is not None else "likely",
            reason=reason if task is not None else _DYNAMIC,
            arguments=given.arguments,
            eta=written.get("run_after"),
            queue=written.get("queue_name"),
            priority=written.get("priority"),
            options=written,
        )
    )
