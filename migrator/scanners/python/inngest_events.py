"""What puts Inngest's functions on their way in Python: `send`, `send_sync`, `step.send_event`, `step.invoke`, `ctx.defer`, posted by hand.

`Enqueue.form` is the method as called; `post` for an event that is posted without the SDK.
"""

from __future__ import annotations

import msgspec

from migrator.jobs import Enqueue, Location
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Place, Structure
from migrator.scanners.linking.literals import return_values
from migrator.scanners.python import passing
from migrator.scanners.python.dictionaries import entries, listed
from migrator.scanners.python.functions import function_of
from migrator.scanners.python.inngest_steps import is_step
from migrator.scanners.python.inngest_terms import EVENT, SENDS, SYSTEM
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, callee_of
from migrator.syntax.tree import field as child

_DYNAMIC = "the name of the event is only known at run time"
_ADDRESS = regex(r"inn\.gs/e/")


class _Event(msgspec.Struct, frozen=True):
    """One event that is sent. `place` is its expression, `name` empty where it is only known at run time; `many`: any number of them."""

    place: Place
    name: str = ""
    fields: dict[str, Place] = msgspec.field(default_factory=dict[str, Place])
    many: bool = False


def read(call: Call) -> bool:
    """Record the events that `client.send(…)` sends; False for any other call."""
    if call.key not in SENDS:
        return False
    payload = call.arguments.get(0, call.arguments.get("events"))
    if payload is None:
        call.view.unresolved(call.node, "send without an event", SYSTEM)
        return True
    for event in _events(call.view, payload):
        _add(call, call.key.rpartition(".")[2], event, call.location)
    return True


def read_file(view: View) -> None:
    """Record `step.send_event(…)` and `step.invoke(…)` wherever a `step` is at hand, `ctx.defer(…)`, and events that are posted by hand."""
    for node in view.source.nodes("call"):
        function = callee_of(node)
        owner, name = child(function, "object"), child(function, "attribute")
        if function is None or name is None or owner is None:
            continue
        meaning = view.evaluator.of(view.source, function)
        call = Call(view, node, meaning, meaning.key, name, view.place(node))
        method = view.source.text(name)
        if method in ("send_event", "invoke", "invoke_by_id") and is_step(view, owner):
            _step(call, method)
        elif method == "defer":
            _deferred(call)
        elif method == "post":
            _posted(call)


def _step(call: Call, method: str) -> None:
    view = call.view
    if method == "send_event":
        payload = call.arguments.get(1, call.arguments.get("events"))
        for event in _events(view, payload) if payload is not None else ():
            _add(call, method, event, call.location)
        return
    given = passing.named(call.inner, ("step_id",))
    if method == "invoke_by_id":
        _add(call, method, _Event(call.inner, view.evaluator.text(given.get("function_id")), given), call.location)
        return
    wanted = given.get("function")
    function = function_of(view.evaluator, view.evaluator.meaning(wanted)) if wanted is not None else None
    name = _id_of(view, wanted) if wanted is not None else ""
    _add(call, method, _Event(call.inner, name, given), call.location, function.job if function is not None else "")


def _deferred(call: Call) -> None:
    """`ctx.defer("id", function=f, data=…)`: a later run. Other packages have the method, too; this one is given a function of Inngest."""
    given = passing.named(call.inner, ("defer_id",))
    wanted = given.get("function")
    name = _id_of(call.view, wanted) if wanted is not None else ""
    if wanted is not None and name:
        function = function_of(call.view.evaluator, call.view.evaluator.meaning(wanted))
        _add(call, "defer", _Event(call.inner, name, given), call.location, function.job if function is not None else "")


def _id_of(view: View, place: Place) -> str:
    """The id of the function that stands at a place."""
    meaning = view.evaluator.meaning(place)
    made = meaning.call if isinstance(meaning, Instance) else None
    return view.evaluator.text(passing.named(made, ()).get("fn_id")) if made is not None else ""


def _posted(call: Call) -> None:
    """`requests.post("https://inn.gs/e/KEY", json={"name": …})`."""
    view = call.view
    address = call.arguments.get(0, call.arguments.get("url"))
    if address is None or not _ADDRESS.search(view.evaluator.text(address) or address.text):
        return
    payload = call.arguments.get("json")
    for event in _events(view, payload) if payload is not None else [_Event(call.inner)]:
        _add(call, "post", event, call.location)


def _events(view: View, payload: Place) -> list[_Event]:
    """The events that a payload stands for, in order; one without a name for what cannot be told."""
    one = _one(view, payload)
    if one is not None:
        return [one]
    found = list(listed(view, payload))
    several = [_one(view, place) or _Event(place) for place in found]
    many = len(several) == 1 and view.evaluator.origin(payload).node.type != "list"
    return [_Event(e.place, e.name, e.fields, many) for e in several] or [_Event(payload)]


def _one(view: View, place: Place, depth: int = 3) -> _Event | None:
    """`inngest.Event(name=…)`, `{"name": …}`, or what a function of the project makes of one."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.of.key == EVENT and meaning.call is not None:
        given = passing.named(meaning.call, ("name", "data"))
        return _Event(place, view.evaluator.text(given.get("name")), given)
    if isinstance(meaning, Structure) and not meaning.is_list and "name" in meaning.entries:
        given = entries(view, place)
        return _Event(place, view.evaluator.text(given.get("name")), given)
    function = view.evaluator.of(place.source, callee, place.frame) if (callee := callee_of(place.node)) is not None else None
    if depth and isinstance(function, Defined) and function.place.node.type in FUNCTIONS:
        frame = view.evaluator.enter(function, view.evaluator.arguments(place))
        made = (_one(view, Place(function.place.source, v, frame), depth - 1) for v in return_values(function.place.node))
        found = next((event for event in made if event is not None), None)
        return _Event(place, found.name, found.fields) if found is not None else None
    return None


def _add(call: Call, form: str, event: _Event, location: Location, job: str = "") -> None:
    view = call.view
    common = call.common(SYSTEM)
    common["location"] = location
    where = around(call, lambda _: "")
    where["in_loop"] = where["in_loop"] or event.many
    data = event.fields.get("data")
    written = {k: view.value(v) for k, v in event.fields.items() if k in ("user", "v", "timeout", "app_id")}
    view.add(
        Enqueue(
            **common,
            **where,
            name=event.name,
            job=job,
            form=form,
            confidence="certain" if event.name else "likely",
            reason="" if event.name else _DYNAMIC,
            arguments=(view.argument(data if data is not None else event.place),),
            eta=view.value(event.fields["ts"]) if "ts" in event.fields else None,
            dedupe=view.value(event.fields["id"]) if "id" in event.fields else None,
            options=written,
        )
    )
