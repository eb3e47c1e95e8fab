"""Procrastinate's tasks, and the cron expressions that `@app.periodic` puts on them."""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from migrator.jobs import Expression, Job, Literal, Location, Schedule, Span, Trigger, Use, Value, literal_of
from migrator.scanners.linking import Frame, Instance, Place
from migrator.scanners.python import handed_in, passing
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.decorators import makes_for_others
from migrator.scanners.python.functions import decorators, definition_span, handler, location_of
from migrator.scanners.python.procrastinate_retries import retry
from migrator.scanners.python.procrastinate_terms import SYSTEM, Layer, Task, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_UNNAMED = "the name of the task is only known at run time"
_DYNAMIC = "when it fires is only known at run time"


def read_file(view: View) -> None:
    """Record the tasks that decorators of a file make."""
    for node in view.source.nodes("function_definition"):
        if decorators(node):
            _decorated(view, view.place(node))
    handed_in.leave_open(view, ("task",), SYSTEM)


def _decorated(view: View, place: Place) -> None:
    """Record a function as a task with its schedules, if its decorators make it one as its frame sees them."""
    terms = Terms(view.evaluator)
    meaning = view.evaluator.definition(view.source, place.node, place.frame)
    task = terms.task(meaning) if isinstance(meaning, Instance) and meaning.decorated is not None else None
    if task is None or task.function is None or task.definer is None:
        return
    decorator = task.definer.decorator
    form = "decorator" if _is_own(view, terms, decorator, place.frame) else "project-decorator"
    _add(view, task, location_of(task.function, decorator), definition_span(task.function), form)
    for layer in task.periodics:
        at = location_of(task.function, layer.decorator)
        _schedule(view, task, layer, at, span(layer.decorator) if layer.decorator is not None else None)


def read(call: Call) -> bool:
    """Record the task of `app.task(f)`, `app.task(name="x")(f)`, `app.periodic(cron="…")(task)`; True for any call that makes one."""
    if handed_in.read_decorated(call, _decorated):
        return True
    view, terms = call.view, Terms(call.view.evaluator)
    made = Instance(call.callee, call.inner)
    root = call.callee.of if isinstance(call.callee, Instance) else call.callee
    if not terms.makes(root):
        return False
    task = terms.task(made) if call.node.parent is None or call.node.parent.type != "decorator" else None
    if task is None or task.function is None or not task.layers or makes_for_others(view, call.node, task.function.place.node):
        return True
    whole = span(statement_of(call.node))
    outermost = task.layers[0]
    if outermost.method == "task":
        _add(view, task, call.location, whole, "call", call.via)
    else:
        _schedule(view, task, outermost, call.location, whole, call.via)
    return True


def _is_own(view: View, terms: Terms, decorator: Node | None, frame: Frame | None) -> bool:
    """True for Procrastinate's own decorator, under whatever name."""
    expression = decorator.named_children[0] if decorator is not None else None
    called = expression.child_by_field_name("function") if expression is not None and expression.type == "call" else expression
    return called is not None and terms.makes(view.evaluator.of(view.source, called, frame))


def _add(view: View, task: Task, location: Location, whole: Span, form: str, via: tuple[str, ...] = ()) -> None:
    function, definer = task.function, task.definer
    if function is None or definer is None:
        return
    options = definer.options
    common = view.common(SYSTEM, location)
    common["via"] = via
    context = literal_of(_value(view, options, "pass_context")) is True
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
            queue=_value(view, options, "queue"),
            retry=retry(view, options.get("retry")),
            priority=_value(view, options, "priority"),
            concurrency=Literal(1) if _value(view, options, "lock") is not None else None,
            acknowledgement="late",
            uses=(Use("context", function.place.source.location(function.place.node)),) if context else (),
            options={k: view.value(v) for k, v in options.items()},
        )
    )


def _schedule(view: View, task: Task, layer: Layer, location: Location, entry: Span | None, via: tuple[str, ...] = ()) -> None:
    options: Mapping[str, Place] = layer.options
    cron = _value(view, options, "cron") or Expression("cron")
    suffix = literal_of(_value(view, options, "periodic_id"))
    common = view.common(SYSTEM, location)
    common["via"] = via
    reason = _DYNAMIC if isinstance(cron, Expression) else ""
    view.add(
        Schedule(
            **common,
            name=f"{task.name}:{suffix}" if suffix else task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=cron,
            arguments=passing.listed(view, None, options.get("task_kwargs")),
            entry=entry,
            options={k: view.value(v) for k, v in options.items()},
        )
    )


def _value(view: View, options: Mapping[str, Place], name: str) -> Value | None:
    place = options.get(name)
    return view.value(place) if place is not None and place.node.type != "none" else None
