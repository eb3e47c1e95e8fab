"""Taskiq's tasks: functions behind `@broker.task`, and those handed to `broker.register_task(…)`."""

from __future__ import annotations

from migrator.jobs import Backoff, Job, Literal, Location, Retry, Span, Trigger, Use, Value, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import handed_in, taskiq_schedules
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.decorators import Decorated, decorated_function, decorated_functions, makes_for_others
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.functions import definition_span, handler, location_of, made
from migrator.scanners.python.taskiq_terms import SYSTEM, Task, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk

_UNNAMED = "the name of the task is only known at run time"
_DEPENDS = frozenset(("taskiq.TaskiqDepends", "taskiq.depends.Depends", "taskiq_dependencies.Depends"))


def read_file(view: View) -> None:
    """Record the tasks that decorators of a file make."""
    terms = Terms(view.evaluator)
    for found in decorated_functions(view, terms.is_definer):
        _decorated(view, found)
    handed_in.leave_open(view, ("task",), SYSTEM)


def _decorated(view: View, found: Decorated) -> None:
    terms, function = Terms(view.evaluator), found.made.function
    location = location_of(function, found.decorator)
    add(view, terms.of(found.made), location, definition_span(function), found.form)
    taskiq_schedules.labelled(view, terms.of(found.made), location)


def _seen(view: View, function: Place) -> None:
    """Record a function as the frame of a caller sees it."""
    found = decorated_function(view, function, Terms(view.evaluator).is_definer)
    if found is not None:
        _decorated(view, found)


def read(call: Call) -> bool:
    """Record the task of `broker.register_task(f, …)` or `broker.task(…)(f)`; True for any call that makes one."""
    if handed_in.read_decorated(call, _seen):
        return True
    view, terms = call.view, Terms(call.view.evaluator)
    how = made(view.evaluator, Instance(call.callee, call.inner))
    if how is None or how.decorated or not terms.is_definer(how.definer):
        return terms.is_definer(call.callee) and taskiq_schedules.wrapped(call, terms)
    if makes_for_others(view, call.node, how.function.place.node):
        return True
    task = terms.of(how)
    add(view, task, call.location, span(statement_of(call.node)), "call", call.via)
    taskiq_schedules.labelled(view, task, call.location)
    return True


def add(view: View, task: Task, location: Location, whole: Span, form: str, via: tuple[str, ...] = ()) -> None:
    """Record a task."""
    if task.made is None:
        return
    function = task.made.function
    labels = {k: v for k, v in task.made.arguments.items() if isinstance(k, str) and k not in ("task_name", "**")}
    options: dict[str, Value] = {str(k): view.value(v) for k, v in task.made.arguments.items()}
    common = view.common(SYSTEM, location)
    common["via"] = via
    view.add(
        Job(
            **common,
            name=task.name,
            confidence="certain" if task.name else "likely",
            reason="" if task.name else _UNNAMED,
            symbol=function.qualified,
            module=function.module,
            definition=whole,
            form=form,
            handler=handler(function.place),
            triggers=(Trigger("direct", Literal(task.name)),) if task.name else (),
            queue=_value(view, labels.get("queue_name")),
            retry=_retry(view, labels),
            timeout=seconds(view, labels["timeout"]) if "timeout" in labels else None,
            priority=_value(view, labels.get("priority")),
            uses=_dependencies(view, function.place),
            options=options,
        )
    )


def _retry(view: View, labels: dict[str, Place]) -> Retry:
    """What the labels ask for; whether a middleware hears them is told when all has been read."""
    asked = _value(view, labels.get("retry_on_error"))
    delay = labels.get("delay")
    return Retry(
        max_attempts=_value(view, labels.get("max_retries")) or Literal(None),
        backoff=Backoff("fixed", seconds(view, delay)) if delay is not None else Backoff("none"),
        automatic=literal_of(asked) is True,
        on=_names(view, labels.get("types_of_exceptions")),
        explicit=asked is not None,
    )


def _names(view: View, place: Place | None) -> tuple[str, ...]:
    if place is None:
        return ()
    return tuple(entry.text for entry in view.evaluator.entries(place).values()) or (place.text,)


def _value(view: View, place: Place | None) -> Value | None:
    return view.value(place) if place is not None and place.node.type != "none" else None


def _dependencies(view: View, function: Place) -> tuple[Use, ...]:
    """Parameters that Taskiq fills: `context: Context = TaskiqDepends()`."""
    listed = child(function.node, "parameters")
    found: list[Use] = []
    for node in walk(listed, ("call",)) if listed is not None else ():
        called = child(node, "function")
        if called is not None and view.evaluator.of(function.source, called).key in _DEPENDS:
            found.append(Use("depends", function.source.location(node), function.source.text(node)))
    return tuple(found)
