"""Places that put a message on its way to an actor. Calling an actor runs it on the spot.

`Enqueue.form`: `send` and `send_with_options` as called; `message` and `message_with_options` for a message that is kept or handed on;
`enqueue` for `broker.enqueue(message)`, `stored enqueue` where the message was made elsewhere; `pipeline.run`, `group.run` for those, under
the name of their kind; `send-reference` for a bound method that is passed on.
"""

from __future__ import annotations

from migrator.jobs import Enqueue
from migrator.scanners.linking import Instance, Meaning, Member, Place
from migrator.scanners.linking.calls import called_of
from migrator.scanners.python import dramatiq_options, passing
from migrator.scanners.python.dramatiq_terms import MAKES, SENDS, SYSTEM, Actor, Terms
from migrator.scanners.python.passed_on import doubt_of, passed_on
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import contains
from migrator.syntax.tree import field as child

_DYNAMIC = "the actor is only known at run time"
_OPTIONS = ("args", "kwargs", "delay")
_MESSAGE = ("queue_name", "actor_name", "args", "kwargs", "options")


def read(call: Call) -> bool:
    """Record what `call` puts on its way; False if it is none of the forms that are read here."""
    terms = Terms(call.view.evaluator)
    callee = call.callee
    if terms.broker_method(callee) == "enqueue":
        _enqueue(call, terms)
        return True
    if not isinstance(callee, Member):
        return False
    if callee.name == "run" and terms.composition(callee.of):
        kind = terms.composition(callee.of)
        _record(call, terms, Actor(kind), f"{kind}.run", passing.split(call.view, call.inner, ()))
        return True
    actor = _actor(call, terms, callee.of) if callee.name in SENDS | MAKES else None
    if actor is None:
        return False
    if call.is_prepared:
        _record(call, terms, actor, f"{callee.name}-reference", _given(call.view, call.inner, callee.name), doubt_of(call))
    elif callee.name in SENDS or not _is_enqueued_here(call, terms):
        _record(call, terms, actor, callee.name, _given(call.view, call.inner, callee.name))
    return True


def read_references(view: View) -> None:
    """Record methods such as `actor.send` that are passed on without being called."""
    terms = Terms(view.evaluator)
    for found in passed_on(view, SENDS):
        callee = found.call.callee
        actor = _actor(found.call, terms, callee.of) if isinstance(callee, Member) and not found.call.is_prepared else None
        if actor is not None:
            form = f"{view.source.text(found.call.name)}-reference"
            _record(found.call, terms, actor, form, Passing(found.arguments), found.doubt)


def _actor(call: Call, terms: Terms, owner: Meaning) -> Actor | None:
    """The actor whose method is called: for an actor that is a class, what stands before the dot tells which."""
    actor = terms.actor(owner)
    if actor is not None:
        return actor
    receiver = child(called_of(call.inner.node) or call.inner.node, "object")
    if receiver is None or not isinstance(owner, Instance) or not terms.is_actor_class(owner.of):
        return None
    return terms.actor(call.view.evaluator.meaning(Place(call.inner.source, receiver, call.inner.frame))) or Actor()


def _given(view: View, call: Place, method: str) -> Passing:
    return passing.split(view, call, _OPTIONS) if method.endswith("_with_options") else passing.direct(view, call)


def _enqueue(call: Call, terms: Terms) -> None:
    """`broker.enqueue(message, delay=…)`."""
    given = passing.named(call.inner, ("message",))
    place = given.pop("message", None)
    made = terms.message(call.view.evaluator.meaning(place)) if place is not None else None
    if made is None:
        _record(call, terms, Actor(), "enqueue", Passing((), {**given, **({"message": place} if place is not None else {})}))
        return
    actor, message = made
    written = _made(call.view, message)
    here = message.call is not None and _stands_in(call.inner, message.call)
    form = "enqueue" if here or message.of.key.endswith("Message") else "stored enqueue"
    _record(call, terms, actor, form, Passing(written.arguments, {**written.options, **given}))


def _made(view: View, message: Instance) -> Passing:
    """The arguments and options that a message was made with."""
    if message.call is None:
        return Passing()
    if isinstance(message.of, Member) and message.of.name in MAKES:
        return _given(view, message.call, message.of.name)
    handed = passing.split(view, message.call, _MESSAGE)
    options = {k: v for k, v in handed.options.items() if k not in ("actor_name", "options")}
    written = handed.options.get("options")
    inner = view.evaluator.entries(written) if written is not None else {}
    return Passing(handed.arguments, {**options, **inner})


def _is_enqueued_here(call: Call, terms: Terms) -> bool:
    """True for the message in `broker.enqueue(actor.message(…))`."""
    arguments = call.node.parent
    outer = arguments.parent if arguments is not None and arguments.type == "argument_list" else None
    function = child(outer, "function")
    return function is not None and terms.broker_method(call.view.evaluator.of(call.view.source, function)) == "enqueue"


def _stands_in(outer: Place, inner: Place) -> bool:
    return outer.source.path == inner.source.path and contains(outer.node, inner.node)


def _record(call: Call, terms: Terms, actor: Actor, form: str, given: Passing, reason: str = "") -> None:
    view = call.view
    why = reason or ("" if actor.name else _DYNAMIC)
    fields = dramatiq_options.fields(view, given)
    queue = actor.options.get("queue_name")
    if queue is not None and "queue" not in fields:
        fields["queue"] = view.value(queue)
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, terms.job_of),
            name=actor.name,
            job=actor.job,
            form=form,
            confidence="likely" if why else "certain",
            reason=why,
            arguments=given.arguments,
            **fields,
            options=given.written(view),
        )
    )
