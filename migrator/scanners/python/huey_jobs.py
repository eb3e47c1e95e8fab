"""Huey's tasks: decorated functions, and functions handed to `huey.task()(function)`; with the schedules of the recurring ones.

`Job.form`: `decorator` for Huey's own, `project-decorator` for one of the project's, `call` for `huey.task()(function)`.
`Job.name` is what Huey registers: the module, and the function's name or the one it is given.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Job, Literal, Location, Schedule, Span, Trigger
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import handed_in
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.decorators import Decorated, decorated_function, decorated_functions
from migrator.scanners.python.functions import definition_span, handler, location_of
from migrator.scanners.python.huey_options import cron, given, retry
from migrator.scanners.python.huey_terms import DEFINERS, SYSTEM, Task, Terms
from migrator.scanners.python.registering import registered
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing

_UNNAMED = "the name of the task is only known at run time"
_OWN_RULE = "a function decides at each minute whether it is due"


def read_file(view: View) -> None:
    """Record the tasks of a file that decorators make."""
    terms = Terms(view.evaluator)
    for found in decorated_functions(view, terms.is_definer):
        _decorated(view, found)
    for side in registered(view, terms.is_definer):
        definition = view.evaluator.definition(view.source, side.function.place.node)
        called = callee_of(side.call.node)
        if terms.task(definition) is None and called is not None:
            definer = view.evaluator.of(side.call.source, called, side.call.frame)
            task = terms.registered(side.function, definer, side.call)
            _add(view, terms, task, location_of(side.function, side.decorator), definition_span(side.function), "project-decorator")
    handed_in.leave_open(view, DEFINERS, SYSTEM)


def _decorated(view: View, found: Decorated) -> None:
    terms, function = Terms(view.evaluator), found.made.function
    task = terms.task(view.evaluator.definition(view.source, function.place.node, function.place.frame))
    if task is not None:
        _add(view, terms, task, location_of(function, found.decorator), definition_span(function), found.form)


def _seen(view: View, function: Place) -> None:
    """Record a function as the frame of a caller sees it."""
    found = decorated_function(view, function, Terms(view.evaluator).is_definer)
    if found is not None:
        _decorated(view, found)


def read_call(call: Call) -> bool:
    """Record the task that `huey.task()(function)` makes; True for any call of what makes tasks."""
    if handed_in.read_decorated(call, _seen):
        return True
    terms = Terms(call.view.evaluator)
    callee = call.callee
    made = isinstance(callee, Instance) and callee.call is not None and callee.decorated is None and terms.is_definer(callee.of)
    if not made and not terms.is_definer(callee):
        return False
    task = terms.task(Instance(callee, call.inner))
    if call.via or _is_decorator(call.node):
        return True
    if task is None or _is_made_anew(task.function.place.node):
        # A decorator of the project, perhaps, that gives back something else: whoever uses it is of interest.
        call.view.found.wanted.append((call.view.source.path, call.node))
    else:
        _add(call.view, terms, task, call.location, span(statement_of(call.node)), "call")
    return True


def _is_made_anew(function: Node) -> bool:
    """True for the wrapper within a decorator of the project: each function that is decorated makes a task of its own."""
    return enclosing(function, FUNCTIONS) is not None


def _is_decorator(call: Node) -> bool:
    return call.parent is not None and call.parent.type == "decorator"


def _add(view: View, terms: Terms, task: Task, location: Location, whole: Span, form: str) -> None:
    options = task.options
    function = task.function
    when = task.when
    recurring = view.evaluator.meaning(when) if when is not None else None
    fires = cron(view, recurring) if isinstance(recurring, Instance) and terms.is_crontab(recurring) else None
    direct = Trigger("direct", Literal(task.name))
    view.add(
        Job(
            **view.common(SYSTEM, location),
            name=task.name,
            confidence="certain" if task.named else "likely",
            reason="" if task.named else _UNNAMED,
            symbol=function.qualified,
            module=function.module,
            definition=whole,
            form=form,
            handler=handler(function.place),
            triggers=(direct, Trigger("cron", fires, timezone="UTC")) if fires is not None else (direct,),
            queue=terms.queue(view, task),
            retry=retry(view, options),
            timeout=given(view, options, "timeout"),
            priority=given(view, options, "priority"),
            expires=given(view, options, "expires"),
            acknowledgement="early",
            options={k: view.value(v) for k, v in options.items() if k != "validate_datetime"},
        )
    )
    if task.periodic:
        view.add(
            Schedule(
                **view.common(SYSTEM, location),
                name=task.name,
                confidence="certain" if fires is not None else "likely",
                reason="" if fires is not None else _OWN_RULE,
                job=task.job,
                job_name=task.name,
                cron=fires,
                timezone="UTC",
                entry=whole,
                options={"validate_datetime": view.value(when)} if fires is None and when is not None else {},
            )
        )
