"""What puts Inngest's functions on their way: `send`, `step.sendEvent`, `step.invoke`, and events posted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from migrator.jobs import Enqueue, Expression, Location, Value
from migrator.regex import regex
from migrator.scanners.linking import Instance, Meaning, Member, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.fills import fills_of
from migrator.scanners.linking.literals import return_values
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import function_of
from migrator.scanners.typescript.inngest_keys import function_key, maker
from migrator.syntax.source import span
from migrator.syntax.tree import field
from migrator.systems.inngest import SYSTEM

NAME = SYSTEM.name
_ADDRESS = regex(r"inn\.gs/e/|INNGEST_[A-Z_]*(?:URL|HOST)\b[^\n]*/e/")
_LOOPS = frozenset(("map", "flatMap"))
#: what says of a value only what it is
_AROUND = frozenset(("as_expression", "satisfies_expression", "parenthesized_expression", "non_null_expression"))


@dataclass(frozen=True)
class Event:
    """One event that is sent. `place` is its expression, `name` empty where it is only known at run time."""

    place: Place
    name: str = ""
    entries: dict[str, Place] | None = None
    many: bool = False  #: any number of them


def sent(call: Call) -> None:
    """`inngest.send(event)`, `inngest.send([event, …])`."""
    enqueues_of(call, NAME)


def enqueues_of(call: Call, system: str) -> None:
    """What a `send` of events puts on its way, as enqueues of `system`."""
    payload = call.arguments.get(0)
    if payload is None:
        call.view.unresolved(call.node, "send without an event", system)
        return
    where = call.location
    for event in events(call.view, payload):
        call.view.add(_enqueue(call.view, call.node, "send", event, where, via=call.via, receiver=call.receiver_node, system=system))


def events(view: View, payload: Place) -> list[Event]:
    """The events that a payload stands for, in order; one without a name for what cannot be told."""
    found = elements(view.evaluator, payload)
    known = [e for element in found.known for e in _one(view, element)]
    known += [replace(e, many=True) for value in _put_in(view, payload) for e in _one(view, value)]
    known += [e for element in found.unknown for e in _mapped(view, element)]
    # A name for a list that is empty where it is made: it is filled in a way that could not be followed.
    return known if known or payload.node.type == "array" else [Event(payload, many=True)]


def _put_in(view: View, payload: Place) -> Iterator[Place]:
    """What a list is filled with before it is sent, under its name here and under the name it has where it is made."""
    yield from (fill.value for fill in fills_of(view.evaluator, payload) if fill.key is None)
    made = view.evaluator.meaning(payload)
    if isinstance(made, Structure) and made.is_list:
        value, source = made.place.node, made.place.source
        while value.parent is not None and value.parent.type in _AROUND:
            value = value.parent
        declared = value.parent
        name = field(declared, "name") if declared is not None and declared.type == "variable_declarator" else None
        bound = view.project.bindings(payload.source.path).lookup(payload.text, payload.node)
        if name is not None and not any(b.value == value for b in bound):
            yield from (fill.value for fill in fills_of(view.evaluator, Place(source, name, made.place.frame)) if fill.key is None)


def _one(view: View, place: Place) -> Iterator[Event]:
    """One element of a payload: an object, `eventType.create(…)`, or an array made of others."""
    evaluator = view.evaluator
    meaning = evaluator.meaning(place)
    if isinstance(meaning, Structure):
        yield _object(view, place)
        return
    kind = _event_type(meaning)
    if kind is not None and kind.call is not None:
        given = evaluator.arguments(kind.call).get(0)
        created = meaning.call if isinstance(meaning, Instance) else None
        extra = evaluator.arguments(created).get(1) if created is not None else None
        entries = evaluator.entries(extra) if isinstance(extra, Place) else {}
        yield Event(place, evaluator.text(given) if isinstance(given, Place) else "", entries)
        return
    yield from _mapped(view, place)


def _object(view: View, place: Place) -> Event:
    """`{ name, data }`; `{ ...other, id }` takes the name of the event that is spread in."""
    entries = view.evaluator.entries(place)
    spread = entries.get("...")
    if "name" in entries or spread is None:
        return Event(place, view.evaluator.text(entries.get("name")), entries)
    inner = next(_one(view, spread), Event(spread))
    return Event(place, inner.name, {**(inner.entries or {}), **entries})


def _event_type(meaning: Meaning) -> Instance | None:
    """The `eventType(…)` on which `.create(…)` was called."""
    if not isinstance(meaning, Instance) or maker(meaning.key) != "eventType().create()":
        return None
    created = meaning.of
    return created.of if isinstance(created, Member) and isinstance(created.of, Instance) else None


def _mapped(view: View, place: Place) -> Iterator[Event]:
    """`xs.map((x) => ({ name, data }))`: what the function gives for each."""
    node, evaluator = place.node, view.evaluator
    while node.type in _AROUND and node.named_children:
        node = node.named_children[0]
    name = field(node, "function", "property")
    if node.type == "call_expression" and name is not None and place.source.text(name) in _LOOPS:
        given = evaluator.arguments(Place(place.source, node, place.frame)).get(0)
        function = function_of(view, given) if isinstance(given, Place) else None
        if function is not None:
            for value in return_values(function.node):
                inner = Place(function.source, value, function.frame)
                for event in events(view, inner):
                    yield Event(place, event.name, event.entries, many=True)
            return
    yield Event(place)


def step_calls(view: View) -> None:
    """`step.sendEvent(…)` and `step.invoke(…)`, wherever a `step` is at hand."""
    for node in view.source.nodes("call_expression"):
        function = field(node, "function")
        name, owner = field(function, "property"), field(function, "object")
        if function is None or name is None or owner is None or not _is_step(view, owner):
            continue
        match view.source.text(name):
            case "sendEvent":
                _send_event(view, node, name, owner, NAME)
            case "invoke":
                options = view.evaluator.arguments(view.place(node)).get(1)
                if isinstance(options, Place):
                    view.add(_invoke(view, node, options, view.source.location(node, at=name), owner))
            case _:
                pass


def sent_by_steps(view: View, definer: str, system: str) -> None:
    """`step.sendEvent(…)` in handlers that are handed to the function of key `definer`, as enqueues of `system`."""
    for node in view.source.nodes("call_expression"):
        function = field(node, "function")
        name, owner = field(function, "property"), field(function, "object")
        if name is not None and owner is not None and view.source.text(name) == "sendEvent" and _handed_to(view, owner) == definer:
            _send_event(view, node, name, owner, system)


def _send_event(view: View, node: Node, name: Node, owner: Node, system: str) -> None:
    given = view.evaluator.arguments(view.place(node))
    payload = given.get(1) or given.get(0)
    for event in events(view, payload) if isinstance(payload, Place) else ():
        view.add(_enqueue(view, node, "sendEvent", event, view.source.location(node, at=name), receiver=owner, system=system))


def _is_step(view: View, owner: Node) -> bool:
    """True for `step` and `ctx.step`, unless the name stands for something of another package."""
    text = view.source.text(owner)
    if text != "step" and not text.endswith((".step", "?.step")):
        return False
    key = view.evaluator.of(view.source, owner).key
    return (key in ("", "inngest.step") or key.startswith("?")) and not _of_another(view, owner)


def _of_another(view: View, owner: Node) -> bool:
    """True where the step tools come from a function that is handed to something known which is not Inngest's."""
    key = _handed_to(view, owner)
    return bool(key) and not key.startswith(("?", "inngest", "@inngest"))


def _handed_to(view: View, owner: Node) -> str:
    """The key of what is handed the function that `owner` is a parameter of; empty where it is none, or leads nowhere."""
    name = owner
    while name.type == "member_expression" and field(name, "object") is not None:
        name = field(name, "object") or name
    bound = view.project.bindings(view.source.path).lookup(view.source.text(name), name)
    scope = bound[0].scope if bound and bound[0].kind == "parameter" else None
    arguments = scope.parent if scope is not None else None
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    callee = field(call, "function")
    return view.evaluator.of(view.source, callee).key if callee is not None else ""


def _invoke(view: View, node: Node, options: Place, location: Location, owner: Node) -> Enqueue:
    entries = view.evaluator.entries(options)
    target = entries.get("function")
    job, name = function_key(view.evaluator, target) if target is not None else ("", "")
    return _enqueue(view, node, "invoke", Event(options, name, entries), location, job=job, receiver=owner)


def posted(view: View) -> None:
    """Events that are posted to the event API without the SDK: `fetch("https://inn.gs/e/…")` and the like."""
    for node in view.source.nodes("call_expression"):
        arguments = field(node, "arguments")
        first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if first is None or first.type in ("object", "array", "call_expression", "arrow_function"):
            continue
        if not _ADDRESS.search(view.evaluator.text(view.place(first)) or _address(view, first)):
            continue
        payload = _body(view, node)
        function = field(node, "function")
        name = field(function, "property") or function
        location = view.source.location(node, at=name)
        for event in events(view, payload) if payload is not None else [Event(view.place(node))]:
            view.add(_enqueue(view, node, "fetch", event, location))


def _address(view: View, node: Node) -> str:
    """The text of an address, also where it stands under a name."""
    if node.type != "identifier":
        return view.source.text(node)
    bound = view.project.bindings(view.source.path).lookup(view.source.text(node), node)
    return view.source.text(bound[0].value) if bound and bound[0].value is not None else ""


def _body(view: View, node: Node) -> Place | None:
    """What is posted: `JSON.stringify(x)` of the `body`, or the second argument itself (axios, ky)."""
    evaluator = view.evaluator
    second = evaluator.arguments(view.place(node)).get(1)
    if not isinstance(second, Place):
        return None
    entries = evaluator.entries(second)
    body = entries.get("body") or entries.get("json") or (second if "name" in entries else None)
    if body is not None and body.node.type == "call_expression":
        inner = evaluator.arguments(body).get(0)
        return inner if isinstance(inner, Place) else None
    return body


def _enqueue(
    view: View,
    node: Node,
    form: str,
    event: Event,
    location: Location,
    *,
    via: tuple[str, ...] = (),
    job: str = "",
    receiver: Node | None = None,
    system: str = NAME,
) -> Enqueue:
    entries = event.entries or {}
    common = view.common(system, location)
    common["via"] = via
    return Enqueue(
        **common,
        name=event.name,
        job=job,
        form=form,
        call=span(node),
        receiver=span(receiver) if receiver is not None and not via else None,
        arguments=(view.argument(event.place),),
        eta=_value(view, entries.get("ts")),
        dedupe=_value(view, entries.get("id")) if form != "invoke" else None,
        awaited=view.awaited(node),
        in_loop=event.many or view.in_loop(node),
        inside=view.around(node),
        result_used=view.result_used(node),
        options={k: _value(view, v) or Expression(v.text) for k, v in entries.items() if k not in ("name", "data", "id", "ts", "function")},
    )


def _value(view: View, place: Place | None) -> Value | None:
    return view.value(place) if place is not None else None
