"""RQ's jobs: decorated functions, and functions of the project that are handed to a queue or named to it.

`Job.form`: `decorator` for RQ's own, `project-decorator` for one of the project's, `call` for `job("q")(f)`, `function` for a function that
is a job only because something enqueues or schedules it. `Job.name` is what RQ stores, the dotted path.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from tree_sitter import Node

from migrator.jobs import Job, Literal, Location, Trigger, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.decorators import decorated_functions
from migrator.scanners.python.functions import Made, definition_span, handler, location_of
from migrator.scanners.python.passing import is_none
from migrator.scanners.python.rq_options import FLASK_JOB, JOB, NO_RETRY, duration, retry, timeout
from migrator.scanners.python.rq_terms import SYSTEM, Terms
from migrator.scanners.python.targets import Target, definition
from migrator.scanners.reading import Call, View

FUNCTION = "function"


def read_file(view: View) -> None:
    """Record the functions of a file that a decorator makes jobs."""
    terms = Terms(view.evaluator)
    for found in decorated_functions(view, terms.is_decorator):
        _add(view, terms, found.made, location_of(found.made.function, found.decorator), found.form)


def read_call(call: Call) -> bool:
    """Record the job that `job("q")(function)` makes; True for any call of what makes jobs."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    made = isinstance(callee, Instance) and callee.call is not None and callee.decorated is None and terms.is_decorator(callee.of)
    if not made and not terms.is_decorator(callee):
        return False
    how = terms.decorated(Instance(callee, call.inner))
    # What stands in a decorator of the project makes a job of whatever is decorated with it.
    if how is not None and not how.decorated and not call.via and _is_fixed(how.function.place.node):
        _add(call.view, terms, how, call.location, "call")
    return True


def _is_fixed(function: Node) -> bool:
    """False for `job("q")(wrapper)` where `wrapper` is made anew by each call of the function around it."""
    around = function.parent
    while around is not None and around.type not in ("function_definition", "module"):
        around = around.parent
    return around is None or around.type == "module"


def function_job(view: View, target: Target) -> Job | None:
    """The function that a call hands over as a job of its own; None where it is not of the project."""
    job = definition(view, SYSTEM, target)
    return msgspec.structs.replace(job, form=FUNCTION, retry=NO_RETRY, acknowledgement="early") if job is not None else None


def _add(view: View, terms: Terms, how: Made, location: Location, form: str) -> None:
    options = _options(how)
    function = how.function
    expires = view.value(options["ttl"]) if "ttl" in options and not is_none(options["ttl"]) else None
    view.add(
        Job(
            **view.common(SYSTEM, location),
            name=function.dotted,
            symbol=function.qualified,
            module=function.module,
            definition=definition_span(function),
            form=form,
            handler=handler(function.place),
            triggers=(Trigger("direct", Literal(function.dotted)),),
            queue=queue_of(view, terms, options.get("queue")),
            retry=retry(view, options),
            timeout=timeout(view, options),
            expires=duration(expires) if expires is not None else None,
            acknowledgement="early",
            options={k: view.value(v) for k, v in options.items()},
        )
    )


def _options(how: Made) -> dict[str, Place]:
    """The decorator's arguments by name."""
    names = FLASK_JOB if how.definer.key.startswith(("flask_rq2.", "flask_rq.RQ")) else JOB
    return {names[k] if isinstance(k, int) and k < len(names) else str(k): v for k, v in how.arguments.items()}


def queue_of(view: View, terms: Terms, place: Place | None) -> Value | None:
    """The queue that `place` names: a text, or a queue object by its name."""
    if place is None or is_none(place):
        return None
    meaning = view.evaluator.meaning(place)
    if terms.kind(meaning) == "Queue":
        name = terms.queue_place(meaning)
        return view.value(name) if name is not None else Literal("default")
    return view.value(place)


def options_of(view: View, options: Mapping[str, Place]) -> dict[str, Value]:
    """Options as written."""
    return {k: view.value(v) for k, v in options.items()}
