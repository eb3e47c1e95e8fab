"""Timers that put rows into a job table: `setInterval`, timers that set themselves again, `node-cron` and its kin."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Schedule, Value, affine, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.job_table_takers import NAME, function_around
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, name_of, walk

METHODS = frozenset(("setTimeout", "setInterval", "schedule", "scheduleJob", "CronJob", "Cron", "Interval", "from"))
_CRON = {
    **dict.fromkeys(
        ("node-cron.default.schedule", "node-cron.schedule", "cron.CronJob", "cron.default.CronJob", "croner.Cron", "croner.default"), 0
    ),
    **dict.fromkeys(("node-schedule.scheduleJob", "node-schedule.default.scheduleJob", "@nestjs/schedule.Cron"), 0),
}
_FROM = "cron.CronJob.from"
#: how many calls deep a timer's function is followed
_LAYERS = 4

_Bytes = tuple[str, int, int]


def find_schedules(found: Found) -> None:
    """Record every timer whose function puts rows into a job table; one that takes rows out works the table off and starts no job."""
    every = [i for i in found.items if isinstance(i, Enqueue) and i.system == NAME]
    # What puts a job back into the table starts none.
    enqueues = [i for i in every if not i.wrapper and not i.form.startswith("retry")]
    told = {(i.location.path, i.location.span.start) for i in enqueues}
    for call in found.calls["timer"] if enqueues else ():
        callback = _callback(call)
        if callback is None:
            continue
        ranges = list(_reached(call.view.evaluator, callback, told))
        if any(_stands_in(ranges, t.view.source.path, t.node.start_byte) for t in found.calls["taker"]):
            continue
        started = {i.name: i for i in enqueues if _stands_in(ranges, i.location.path, i.location.span.start)}
        for enqueue in started.values():
            _schedule(call, enqueue)


def _schedule(call: Call, enqueue: Enqueue) -> None:
    cron, interval, zone = _rhythm(call)
    call.view.add(
        Schedule(
            **call.common(NAME),
            name=enqueue.name,
            job_name=enqueue.name,
            cron=cron,
            interval=interval,
            timezone=zone,
            arguments=enqueue.arguments,
            entry=span(call.node),
            confidence="likely",
            reason="its function puts the job into the table",
        )
    )


def _method(call: Call) -> str:
    return call.view.source.text(call.name)


def _callback(call: Call) -> Place | None:
    """The function that a timer runs again and again; None for one that runs only once, or is no timer."""
    evaluator, method = call.view.evaluator, _method(call)
    if call.key.startswith("@nestjs/schedule."):
        return _decorated_method(call)
    if call.key == _FROM:
        first = call.arguments.get(0)
        return _function(evaluator, evaluator.entries(first).get("onTick")) if first is not None else None
    if method in ("setTimeout", "setInterval"):
        callback = _function(evaluator, call.arguments.get(0))
        return callback if callback is not None and (method == "setInterval" or _sets_itself_again(call, callback)) else None
    if call.key not in _CRON:
        return None
    functions = (_function(evaluator, place) for key, place in call.arguments.items() if key != 0)
    return next((f for f in functions if f is not None), None)


def _function(evaluator: Evaluator, place: Place | None) -> Place | None:
    meaning = evaluator.meaning(place) if place is not None else None
    return meaning.place if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS else None


def _decorated_method(call: Call) -> Place | None:
    """The method below `@Cron("0 3 * * *")`."""
    decorator = call.node.parent
    following = decorator.next_named_sibling if decorator is not None else None
    while following is not None and following.type in ("decorator", "comment"):
        following = following.next_named_sibling
    return call.view.place(following) if following is not None and following.type == "method_definition" else None


def _sets_itself_again(call: Call, callback: Place) -> bool:
    """True if what a `setTimeout` runs leads to the function that set it."""
    setter = function_around(call.node)
    name = name_of(setter) if setter is not None else None
    if setter is None or name is None:
        return False
    if callback.node == setter:
        return True
    wanted = name.text
    return any(n.text == wanted for n in walk(callback.node, ("identifier", "property_identifier")))


def _rhythm(call: Call) -> tuple[Value | None, Value | None, str]:
    """(cron, seconds, time zone) of a timer."""
    view, evaluator, arguments = call.view, call.view.evaluator, call.arguments
    first = arguments.get(0)
    if call.key.startswith("@nestjs/schedule.Interval"):
        last = arguments.get(1) or first
        return None, affine(view.value(last), scale=0.001) if last is not None else None, ""
    if _method(call) in ("setTimeout", "setInterval"):
        delay = arguments.get(1)
        return None, affine(view.value(delay), scale=0.001) if delay is not None else None, ""
    if call.key == _FROM and first is not None:
        entries = evaluator.entries(first)
        zone = evaluator.text(entries.get("timeZone"))
        return (view.value(entries["cronTime"]) if "cronTime" in entries else None), None, zone
    texts = [p for p in arguments.values() if evaluator.text(p)]
    # `scheduleJob("name", "0 3 * * *", run)`: the one with spaces.
    cron = next((p for p in texts if " " in evaluator.text(p).strip()), first)
    options = [view.options(p) for p in arguments.values()]
    zone = next((literal_of(o[k]) for o in options for k in ("timezone", "timeZone", "tz") if k in o), None)
    positional = evaluator.text(arguments.get(4)) if "CronJob" in call.key else ""
    return (view.value(cron) if cron is not None else None), None, zone if isinstance(zone, str) else positional


def _reached(evaluator: Evaluator, function: Place, told: set[tuple[str, int]]) -> Iterator[_Bytes]:
    """The bytes of a function and of those that it calls, as far as they are in the tree; not of calls that are `told` already."""
    seen: set[_Bytes] = set()
    waiting = [(function, 0)]
    while waiting:
        place, layer = waiting.pop()
        key = (place.source.path, place.node.start_byte, place.node.end_byte)
        if key in seen:
            continue
        seen.add(key)
        yield key
        for call in walk(place.node, ("call_expression",)) if layer < _LAYERS else ():
            callee = callee_of(call) if (place.source.path, call.start_byte) not in told else None
            meaning = evaluator.of(place.source, callee) if callee is not None else None
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                waiting.append((meaning.place, layer + 1))


def _stands_in(ranges: list[_Bytes], path: str, offset: int) -> bool:
    return any(path == p and start <= offset < end for p, start, end in ranges)
