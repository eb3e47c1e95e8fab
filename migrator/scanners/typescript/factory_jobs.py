"""Jobs that a function of the project makes: `const report = defineJob({ name: "report", handle })`, started by `report.dispatch(…)`."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS, callee_of

_NAMES = ("name", "id", "key", "slug")


class Made(msgspec.Struct, frozen=True):
    """What the call of such a function says: the job's name, the call, and the function that does the work."""

    view: View
    name: str
    call: Place
    handler: Place


def made_by_factory(call: Call) -> Made | None:
    """The job whose own method a call is, where that method comes out of a function that was given a name and a handler."""
    view = call.view
    function = callee_of(call.node)
    callee = view.evaluator.of(view.source, function) if function is not None else None
    frame = callee.place.frame if isinstance(callee, Defined) else None
    given = frame.arguments.get(0) if frame is not None else None
    if not isinstance(given, Place):
        return None
    entries = view.evaluator.entries(given)
    name = next((text for key in _NAMES if (text := view.evaluator.text(entries.get(key)))), "")
    handler = next((p for k, p in entries.items() if k not in _NAMES and _is_function(view, p)), None)
    arguments = given.node.parent
    made = arguments.parent if arguments is not None else None
    if not name or handler is None or made is None or made.type not in ("call_expression", "new_expression"):
        return None
    there = view if given.source is view.source else replace(view, source=given.source)
    return Made(there, name, Place(given.source, made), handler)


def _is_function(view: View, place: Place) -> bool:
    meaning = view.evaluator.meaning(place)
    return isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS
