"""Places that defer a Procrastinate task: `task.defer(…)`, `task.configure(…).defer(…)`, `app.configure_task("name").defer(…)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from migrator.jobs import Argument, Enqueue, Value
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.leading import root_package
from migrator.scanners.linking import External, Instance, Meaning, Member, Place
from migrator.scanners.python import passing
from migrator.scanners.python.durations import seconds, total
from migrator.scanners.python.passed_on import passed_on
from migrator.scanners.python.procrastinate_terms import DEFERS, SYSTEM, Task, Terms
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import field as child

#: names that no other library gives to its methods
METHODS = DEFERS - {"defer"}
UNTOLD = "what is deferred could not be told"
#: only callers can tell whether that is a task; a method of that name is too common to say so
HANDED_IN = "what defer is called on is handed in"
_DYNAMIC = "the name of the task is only known at run time"
_CONFIGURES = ("configure_task", "configure")


class _Fields(TypedDict, total=False):
    delay: Value
    eta: Value
    queue: Value
    priority: Value
    dedupe: Value


def read(call: Call) -> bool:
    """Record what a call defers; False if it is none of the forms that are read here."""
    callee, terms = call.callee, Terms(call.view.evaluator)
    name = callee.path[-1] if isinstance(callee, External) else callee.name if isinstance(callee, Member) else ""
    if name not in DEFERS:
        return False
    owner: Meaning = External(callee.path[:-1]) if isinstance(callee, External) else callee.of if isinstance(callee, Member) else callee
    task = terms.task(owner)
    if task is not None:
        _add(call, terms, task, name, "")
    elif root_package(callee) == SYSTEM:
        return False
    elif isinstance(owner, External):
        _add(call, terms, Task(owner.key), name, "the task is not of this project")
    else:
        _add(call, terms, _configured(call), name, UNTOLD)
    return True


def read_unknown(call: Call) -> None:
    """`x.configure_task("name", …).defer(…)` on something that could not be told, and `.defer(…)` on what is handed in."""
    terms, task = Terms(call.view.evaluator), _configured(call)
    if task.name:
        _add(call, terms, task, "defer", UNTOLD)
    elif depends_on_parameter(call.callee):
        _add(call, terms, task, "defer", HANDED_IN)


def read_file(view: View) -> None:
    """Record methods such as `task.defer` that are passed on without being called."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, DEFERS):
        callee = found.call.callee
        task = terms.task(callee.of) if isinstance(callee, Member) else None
        if task is not None and isinstance(callee, Member):
            _add(found.call, terms, task, f"{callee.name}-reference", found.doubt, found.arguments)


def _configured(call: Call) -> Task:
    """The task named in `x.configure_task("name", …)`, on which the method is called."""
    made = call.receiver_node
    name = child(made, "function", "attribute") if made is not None and made.type == "call" else None
    if made is None or name is None or call.view.source.text(name) not in _CONFIGURES:
        return Task()
    options = passing.named(call.view.place(made), ("name",) if name.text == b"configure_task" else ())
    written = options.pop("name", None)
    return Task(call.view.evaluator.text(written) if written is not None else "", options=options)


def _add(call: Call, terms: Terms, task: Task, form: str, doubt: str, handed: tuple[Argument, ...] | None = None) -> None:
    view = call.view
    reason = doubt or ("" if task.name else _DYNAMIC)
    in_batch = form.startswith("batch")
    given = passing.direct(view, call.inner).arguments if handed is None else handed

    def job_of(meaning: Meaning) -> str:
        found = terms.task(meaning) if isinstance(meaning, Instance) else None
        return found.job if found is not None else ""

    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, job_of),
            name=task.name,
            job=task.job,
            form=form,
            confidence="likely" if reason else "certain",
            reason=reason,
            arguments=given if in_batch else (*_own(view, task), *given),
            **_fields(view, task.options),
            options={k: view.value(v) for k, v in task.options.items() if k != "task_kwargs"},
        )
    )


def _own(view: View, task: Task) -> tuple[Argument, ...]:
    """Arguments that were given to `configure`."""
    return passing.listed(view, None, task.options.get("task_kwargs"))


def _fields(view: View, options: Mapping[str, Place]) -> _Fields:
    """The neutral fields of `Enqueue` that options fill."""
    fields: _Fields = {}
    given = {k: v for k, v in options.items() if not passing.is_none(v)}
    if "schedule_in" in given:
        fields["delay"] = _delay(view, given["schedule_in"])
    if "schedule_at" in given:
        fields["eta"] = view.value(given["schedule_at"])
    if "queue" in given:
        fields["queue"] = view.value(given["queue"])
    if "priority" in given:
        fields["priority"] = view.value(given["priority"])
    if "queueing_lock" in given:
        fields["dedupe"] = view.value(given["queueing_lock"])
    return fields


def _delay(view: View, place: Place) -> Value:
    """Seconds of `{"minutes": 5}`, which has the parts of a `timedelta`."""
    entries = view.evaluator.entries(place)
    known = total({k: view.value(v) for k, v in entries.items()}) if entries else None
    return known if known is not None else seconds(view, place)
