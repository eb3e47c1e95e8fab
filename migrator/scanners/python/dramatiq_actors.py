"""Dramatiq's actors: decorated functions, functions handed to `dramatiq.actor(…)`, classes that derive from `GenericActor`.

`Job.form`: `decorator` for Dramatiq's own, `project-decorator` for one of the project's, `call` for `dramatiq.actor(function)`, `class`.
`Job.name` is the actor's name: the function's own, without its module, unless it is given another.
"""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Job, Literal, Location, Span, Trigger, literal_of
from migrator.scanners.linking import Defined, Instance
from migrator.scanners.python import dramatiq_options, dramatiq_schedules
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.decorators import decorated_functions
from migrator.scanners.python.dramatiq_terms import SYSTEM, Actor, Terms
from migrator.scanners.python.functions import definition_span, handler, location_of, whole_of
from migrator.scanners.python.passing import is_none
from migrator.scanners.python.registering import registered
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, enclosing
from migrator.syntax.tree import field as child

_UNNAMED = "the name of the actor is only known at run time"


def read_file(view: View) -> None:
    """Record the actors that decorators and classes of a file make."""
    terms = Terms(view.evaluator)
    for found in decorated_functions(view, terms.is_definer):
        function = found.made.function
        actor = terms.actor(view.evaluator.definition(view.source, function.place.node))
        if actor is not None:
            location = location_of(function, found.decorator)
            _add(view, actor, location, definition_span(function), found.form)
            dramatiq_schedules.read_decorators(view, actor, function.place.node)
    for side in registered(view, terms.is_definer):
        if terms.actor(view.evaluator.definition(view.source, side.function.place.node)) is None:
            actor = terms.registered(side.function, side.call)
            _add(view, actor, location_of(side.function, side.decorator), definition_span(side.function), "project-decorator")
    for node in view.source.nodes("class_definition"):
        _class(view, terms, node)


def read_call(call: Call) -> bool:
    """Record the actor that `dramatiq.actor(function)` makes; True for any call of what makes actors."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    made = isinstance(callee, Instance) and callee.call is not None and callee.decorated is None and terms.is_definer(callee.of)
    if not made and not terms.is_definer(callee):
        return False
    actor = terms.actor(Instance(callee, call.inner))
    parent = call.node.parent
    decorates = parent is not None and parent.type == "decorator"
    if call.via or decorates:
        return True
    if actor is None or actor.function is None or enclosing(actor.function.place.node, FUNCTIONS) is not None:
        # A decorator of the project, perhaps, that gives back something else: whoever uses it is of interest.
        call.view.found.wanted.append((call.view.source.path, call.node))
        return True
    _add(call.view, actor, call.location, span(statement_of(call.node)), "call")
    return True


def _class(view: View, terms: Terms, node: Node) -> None:
    name = child(node, "name")
    meaning = Defined(view.place(node), view.source.text(name) if name is not None else "")
    actor = terms.actor(meaning)
    if actor is None or actor.function is None:
        return
    abstract = actor.options.get("abstract")
    if abstract is not None and literal_of(view.value(abstract)) is True:
        return
    whole = whole_of(node)
    _add(view, actor, view.source.location(whole, at=node), span(whole), "class")


def _add(view: View, actor: Actor, location: Location, whole: Span, form: str) -> None:
    if actor.function is None:
        return
    options = actor.options
    module, _, symbol = actor.job.rpartition(":")
    queue = options.get("queue_name")
    fires = dramatiq_schedules.periodic(view, options)
    direct = (Trigger("direct", Literal(actor.name)),) if actor.name else ()
    view.add(
        Job(
            **view.common(SYSTEM, location),
            name=actor.name,
            confidence="certain" if actor.name else "likely",
            reason="" if actor.name else _UNNAMED,
            symbol=symbol,
            module=module,
            definition=whole,
            form=form,
            handler=handler(actor.function.place),
            triggers=(*direct, Trigger("cron", fires)) if fires is not None else direct,
            queue=view.value(queue) if queue is not None and not is_none(queue) else None,
            retry=dramatiq_options.retry(view, options),
            timeout=dramatiq_options.timeout(view, options),
            priority=dramatiq_options.priority(view, options),
            expires=dramatiq_options.span(view, options, "max_age"),
            acknowledgement="late",
            options={k: view.value(v) for k, v in options.items()},
        )
    )
    if fires is not None:
        dramatiq_schedules.add(view, actor, location, whole, cron=fires)
