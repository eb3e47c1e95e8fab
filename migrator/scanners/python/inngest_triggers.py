"""What starts a function of Inngest: `TriggerEvent`, `TriggerCron`, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.jobs import Expression, Literal, Schedule, Trigger, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.inngest_terms import SYSTEM
from migrator.scanners.reading import Call
from migrator.syntax.source import span
from migrator.systems.cron_zone import split_zone


class Written(msgspec.Struct, frozen=True):
    """A trigger, and the expression that makes it."""

    trigger: Trigger
    place: Place


def triggers(call: Call, given: Place | None, name: str) -> Iterator[Written]:
    """Every trigger of a function; one that cannot be read is an event whose name is an expression."""
    if given is None:
        yield Written(Trigger("direct", Literal(name)), call.inner)
        return
    found = elements(call.view.evaluator, given)
    for place in (*found.known, *found.unknown):
        yield Written(_trigger(call, place), place)


def _trigger(call: Call, place: Place) -> Trigger:
    view = call.view
    where = span(place.node) if place.source is view.source and not call.via else None
    made = view.evaluator.meaning(place)
    given = passing.named(made.call, ()) if isinstance(made, Instance) and made.call is not None else {}
    kind = made.of.key.rpartition(".")[2] if isinstance(made, Instance) else ""
    if kind == "TriggerCron" and "cron" in given:
        value = view.value(given["cron"])
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            return Trigger("cron", value, span=where)
        fields, zone = split_zone(value.value)
        return Trigger("cron", Literal(fields), timezone=zone, span=where)
    if kind == "TriggerEvent" and "event" in given:
        condition = view.evaluator.text(given.get("expression"))
        return Trigger("event", view.value(given["event"]), condition, span=where)
    if not call.via:
        view.unresolved(call.node, "a trigger that could not be read", SYSTEM)
    return Trigger("event", Expression(place.text), span=where)


def schedule(call: Call, written: Written, name: str, job: str) -> Schedule:
    """The schedule that a cron trigger makes; it stands where the trigger does."""
    common, place = call.common(SYSTEM), written.place
    cron: Value = written.trigger.value
    if place.source is call.view.source and not call.via:
        common["location"] = place.source.location(place.node)
    return Schedule(
        **common,
        name=name,
        job=job,
        job_name=name,
        cron=cron,
        timezone=written.trigger.timezone,
        entry=written.trigger.span,
    )
