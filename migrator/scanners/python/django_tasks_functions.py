"""Functions that `@task` makes tasks of.

`Job.form`: `decorator` for Django's own, `project-decorator` for one of the project's, `call` for `task(function)`.
"""

from __future__ import annotations

from migrator.jobs import Backoff, Job, Literal, Location, Retry, Trigger, Use, literal_of
from migrator.scanners.linking import Instance
from migrator.scanners.python.decorators import decorated_functions
from migrator.scanners.python.django_tasks_terms import SYSTEM, Terms
from migrator.scanners.python.functions import Made, definition_span, handler, location_of
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, contains, enclosing
from migrator.syntax.tree import field as child
from migrator.systems.django_tasks import SYSTEM as FACTS


def read_file(view: View) -> None:
    """Record the tasks that decorators of a file make."""
    for found in decorated_functions(view, Terms(view.evaluator).is_definer):
        _add(view, found.made, location_of(found.made.function, found.decorator), found.form)


def read_call(call: Call) -> bool:
    """Record the task that `task(function)` or `task(priority=1)(function)` makes; True for any call of what makes tasks."""
    terms = Terms(call.view.evaluator)
    if not terms.is_definer(call.callee) and not (isinstance(call.callee, Instance) and terms.is_definer(call.callee.of)):
        return False
    task = terms.task(Instance(call.callee, call.inner))
    if task is None or task.made.decorated or call.via:
        return True
    around = enclosing(call.node, FUNCTIONS)
    # The call in a decorator of the project makes a task for each function that it decorates.
    if around is None or not contains(around, task.made.function.place.node):
        _add(call.view, task.made, call.location, "call")
    return True


def _add(view: View, made: Made, location: Location, form: str) -> None:
    options = {k: v for k, v in made.arguments.items() if isinstance(k, str)}
    written = {k: view.value(v) for k, v in options.items()}
    function = made.function
    body = handler(function.place)
    listed = child(function.place.node, "parameters")
    context = body.parameters and literal_of(written.get("takes_context")) is True
    view.add(
        Job(
            **view.common(SYSTEM, location),
            name=function.dotted,
            symbol=function.qualified,
            module=function.module,
            definition=definition_span(function),
            form=form,
            handler=body,
            triggers=(Trigger("direct", Literal(function.dotted)),),
            queue=written.get("queue_name", Literal(FACTS.default_queue)),
            priority=written.get("priority"),
            retry=Retry(Literal(1), Backoff("none")),
            uses=(Use("context", function.place.source.location(listed), body.parameters[0].name),)
            if listed is not None and context
            else (),
            options=written,
        )
    )
