"""Places that put a Taskiq task on its way: `task.kiq(…)`, kickers with labels, `schedule_by_time`, pipelines."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Confidence, Enqueue, Value
from migrator.scanners.linking import External, Instance, Meaning, Member, Place
from migrator.scanners.python import passing, taskiq_schedules
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.passed_on import passed_on
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.python.taskiq_terms import SCHEDULES, SENDS, SYSTEM, Task, Terms
from migrator.scanners.reading import Call, View

METHODS = SENDS | set(SCHEDULES)
#: `Pipeline(broker, first).call_next(second)`: (position of the task, methods that add one)
_PIPELINES = frozenset(("taskiq_pipelines.Pipeline", "taskiq_pipelines.pipeliner.Pipeline"))
_STEPS = frozenset(("call_next", "call_after", "map", "filter", "call_next_concurrent", "group"))
UNTOLD = "what it is called on could not be told"


def read(call: Call) -> bool:
    """Record what a call sends or schedules; False if it is none of the forms that are read here."""
    callee, terms = call.callee, Terms(call.view.evaluator)
    if call.key in _PIPELINES or _is_step(callee):
        return _pipeline(call, terms)
    if isinstance(callee, External) and callee.key.rpartition(".")[2] in METHODS:
        return _of_elsewhere(call, callee)
    if not isinstance(callee, Member) or callee.name not in METHODS:
        return False
    if isinstance(callee.of, Instance) and root(callee.of).key in _PIPELINES:
        return True
    task = terms.task(callee.of)
    _read(call, task or Task(), callee.name, "" if task is not None else UNTOLD)
    return True


def read_file(view: View) -> None:
    """Record `task.kiq` that is passed on without being called."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, ("kiq",)):
        callee = found.call.callee
        task = terms.task(callee.of) if isinstance(callee, Member) else None
        if task is not None:
            _add(found.call, task, "kiq-reference", Passing(found.arguments), found.doubt)


def _read(call: Call, task: Task, method: str, doubt: str) -> None:
    if method in SCHEDULES:
        taskiq_schedules.read(call, task, method)
    elif method == "schedule_by_time":
        given = passing.reserving(call.view, call.inner, frozenset(("source", "time")), ("source", "time"))
        _add(call, task, method, given, doubt)
    else:
        _add(call, task, method, passing.direct(call.view, call.inner), doubt)


def _of_elsewhere(call: Call, callee: External) -> bool:
    """A task that is imported from a package outside of the tree."""
    *path, method = callee.path
    module, _, symbol = ".".join(path).rpartition(".")
    _read(call, Task(f"{module}:{symbol}" if module else ""), method, "the task is not of this project")
    return True


def _is_step(callee: Meaning) -> bool:
    return isinstance(callee, Member) and callee.name in _STEPS and root(callee).key in _PIPELINES


def _pipeline(call: Call, terms: Terms) -> bool:
    """A step of a pipeline: the task that it will send."""
    given = passing.named(call.inner, ("broker", "task") if call.key in _PIPELINES else ("task",))
    place = given.pop("task", None)
    task = terms.task(call.view.evaluator.meaning(place)) if place is not None else None
    if task is not None:
        arguments = tuple(call.view.argument(v, k) for k, v in given.items() if k not in ("broker", "param_name") and not k.startswith("#"))
        _add(call, task, call.view.source.text(call.name), Passing(arguments), "")
    return True


def root(meaning: Meaning) -> Meaning:
    """What a chain of calls and attributes begins with."""
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning


def _add(call: Call, task: Task, form: str, given: Passing, doubt: str) -> None:
    view = call.view
    labels: Mapping[str, Place] = task.labels
    reason = doubt or ("" if task.name else "the name of the task is only known at run time")
    confidence: Confidence = "likely" if reason else "certain"
    time = given.options.get("time")
    terms = Terms(view.evaluator)

    def job_of(meaning: Meaning) -> str:
        found = terms.task(meaning)
        return found.job if found is not None else ""

    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, job_of),
            name=task.name,
            job=task.job,
            form=form,
            confidence=confidence,
            reason=reason,
            arguments=given.arguments,
            delay=seconds(view, labels["delay"]) if "delay" in labels else None,
            eta=view.value(time) if time is not None else None,
            queue=_value(view, labels.get("queue_name")),
            priority=_value(view, labels.get("priority")),
            max_attempts=_value(view, labels.get("max_retries")),
            options={k: view.value(v) for k, v in {**labels, **given.options}.items()},
        )
    )


def _value(view: View, place: Place | None) -> Value | None:
    return view.value(place) if place is not None else None
