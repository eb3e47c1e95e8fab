"""Trigger.dev 2: jobs on a client, the events that start them, and the routes through which they are called."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Endpoint, Enqueue, Job, Literal, Schedule, Step, Trigger, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.handlers import function_of, handler_at
from migrator.scanners.typescript.objects import objects
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, walk
from migrator.syntax.tree import field as child
from migrator.systems.trigger_dev import SYSTEM

NAME = SYSTEM.name
_CLIENT = "TriggerClient()"
_ROUTES = frozenset(("createAppRoute", "createPagesRoute", "createMiddleware", "createRemixRoute", "createSvelteRoute", "createAstroRoute"))
#: what jobs call on `io` that is a durable step
_STEPS = frozenset(("runTask", "wait", "waitForEvent", "waitForRequest", "sendEvent", "backgroundFetch", "parallel", "createStatus"))


def read(call: Call, path: str) -> None:
    """Sort one call; `path` is what stands behind the package."""
    if path in ("Job", f"{_CLIENT}.defineJob"):
        _define(call, path)
    elif path in (f"{_CLIENT}.sendEvent", f"{_CLIENT}.sendEvents"):
        _send(call, path.rpartition(".")[2])
    elif path in (f"{_CLIENT}.defineJob().invoke", "Job().invoke"):
        _invoke(call)
    elif path in _ROUTES:
        call.view.add(Endpoint(**call.common(NAME), name=path, definition=span(call.node)))
    elif path.endswith(".defineDynamicSchedule().register"):
        _register(call)


def _define(call: Call, form: str) -> None:
    """`client.defineJob({ id, trigger, run })`, or `new Job(client, { … })` as it was first."""
    view = call.view
    given = call.arguments.get(1 if form == "Job" else 0)
    entries = view.evaluator.entries(given) if given is not None else {}
    name, (symbol, _) = view.evaluator.text(entries.get("id")), holder(view.source, call.node)
    trigger = _trigger(call, entries.get("trigger"), name)
    function = function_of(view, entries.get("run"))
    view.add(
        Job(
            **call.common(NAME),
            name=name,
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            form=form.rpartition(".")[2],
            handler=handler_at(function),
            triggers=(trigger,),
            steps=tuple(_steps(call, function)) if function is not None else (),
            options={k: v for k, v in view.options(given).items() if k not in ("run", "trigger")},
            live=True,
        )
    )
    if trigger.kind in ("cron", "interval"):
        view.add(
            Schedule(
                **call.common(NAME),
                name=name,
                job_name=name,
                cron=trigger.value if trigger.kind == "cron" else None,
                interval=trigger.value if trigger.kind == "interval" else None,
                entry=span(call.node),
            )
        )


def _trigger(call: Call, place: Place | None, name: str) -> Trigger:
    view = call.view
    meaning = view.evaluator.meaning(place) if place is not None else None
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        entries = view.evaluator.entries(first) if isinstance(first, Place) else {}
        match meaning.of.key.rpartition(".")[2]:
            case "cronTrigger":
                return Trigger("cron", _entry(call, entries, "cron"))
            case "intervalTrigger":
                return Trigger("interval", _entry(call, entries, "seconds"))
            case "eventTrigger":
                return Trigger("event", _entry(call, entries, "name"))
            case "invokeTrigger":
                return Trigger("direct", Literal(name))
            case _:
                return Trigger("event", view.value(meaning.call))
    return Trigger("event", view.value(place)) if place is not None else Trigger("direct", Literal(name))


def _entry(call: Call, entries: dict[str, Place], key: str) -> Value:
    return call.view.value(entries[key]) if key in entries else Literal(None)


def _steps(call: Call, function: Place) -> Iterator[Step]:
    """What a job calls on its `io`, the second of its parameters."""
    parameters = child(function.node, "parameters")
    given = [c for c in parameters.named_children if c.type != "comment"] if parameters is not None else []
    pattern = child(given[1], "pattern") or given[1] if len(given) > 1 else None
    if pattern is None or pattern.type != "identifier":
        return
    io = pattern.text
    for node in walk(function.node, ("call_expression",)):
        callee = callee_of(node)
        name, owner = child(callee, "property"), child(callee, "object")
        if name is None or owner is None or owner.text != io or function.source.text(name) not in _STEPS:
            continue
        first = call.view.evaluator.arguments(Place(function.source, node, function.frame)).get(0)
        identity = call.view.value(first) if isinstance(first, Place) else Literal(None)
        yield Step(function.source.text(name), identity, function.source.location(node, at=name))


def _send(call: Call, form: str) -> None:
    """`client.sendEvent({ name, payload }, options)` and `client.sendEvents([…])`."""
    view = call.view
    events = [view.evaluator.entries(event) for event in objects(view, call.arguments.get(0))]
    named = {view.evaluator.text(event.get("name")): event for event in events}
    for name, event in named.items() if named and "" not in named else [("", dict[str, Place]())]:
        _enqueue(call, form, name, event.get("payload"), several=form == "sendEvents")


def _invoke(call: Call) -> None:
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    given = [p for p in call.view.evaluator.arguments(made).values() if isinstance(p, Place)] if made is not None else []
    names = (call.view.evaluator.text(call.view.evaluator.entries(place).get("id")) for place in given)
    data = call.arguments.get(1) or call.arguments.get(0)
    _enqueue(call, "invoke", next((name for name in names if name), ""), data, several=False)


def _enqueue(call: Call, form: str, name: str, data: Place | None, *, several: bool) -> None:
    view, receiver = call.view, call.receiver_node
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            arguments=(view.argument(data),) if data is not None else (),
            options=view.options(call.arguments.get(1)),
            awaited=view.awaited(call.node),
            in_loop=several or view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _register(call: Call) -> None:
    """`dynamicSchedule.register(key, { type: "cron" | "interval", options })`."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[1]) if 1 in call.arguments else {}
    options = view.evaluator.entries(entries["options"]) if "options" in entries else {}
    key = view.evaluator.text(call.arguments.get(0))
    view.add(
        Schedule(
            **call.common(NAME),
            name=key,
            job_name=key,
            cron=view.value(options["cron"]) if "cron" in options else None,
            interval=view.value(options["seconds"]) if "seconds" in options else None,
            entry=span(call.node),
        )
    )
