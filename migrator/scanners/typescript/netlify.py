"""Netlify in code: scheduled and background functions, the calls that start background functions, async workloads."""

from __future__ import annotations

import posixpath

from migrator.jobs import Client, Endpoint, Enqueue, Expression, Job, Literal, Options, Schedule, Trigger, Value
from migrator.regex import regex
from migrator.scanners.declared import Declared, declared
from migrator.scanners.found import Found
from migrator.scanners.linking import Place
from migrator.scanners.netlify import function_name, is_background
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, enclosing, field
from migrator.systems.netlify import BACKGROUND_TIMEOUT, SCHEDULED_TIMEOUT, SYSTEM

NAME = SYSTEM.name
_FUNCTIONS, _WORKLOADS = "@netlify/functions", "@netlify/async-workloads"
_CALLED = regex(r"/\.netlify/functions/([\w-]+)")


def _read(call: Call) -> None:
    package, _, path = call.key.partition(".")
    match package, path:
        case p, "schedule" if p == _FUNCTIONS:
            _scheduled(call)
        case p, "asyncWorkloadFn" if p == _WORKLOADS:
            _workload(call)
        case p, "AsyncWorkloadsClient" if p == _WORKLOADS:
            symbol, _ = holder(call.view.source, call.node)
            common = call.common(NAME)
            call.view.add(Client(**common, name=symbol or path, symbol=symbol, module=call.view.module, role="app"))
        case p, "AsyncWorkloadsClient().send" if p == _WORKLOADS:
            _enqueue(call, call.view.evaluator.text(call.arguments.get(0)), "send", call.arguments.get(1))
        case _:
            return


def _scheduled(call: Call) -> None:
    """`export const handler = schedule("@daily", async () => {})`."""
    view, name = call.view, _name(call.view)
    first, symbol = call.arguments.get(0), holder(view.source, call.node)
    when: Value = view.value(first) if first is not None else Expression("")
    common = call.common(NAME)
    key = f"{view.module}:{symbol[0]}"
    view.add(
        Schedule(**common, name=name, job=key, job_name=name, cron=when, timezone="UTC", entry=span(call.node)),
        Job(
            **common,
            name=name,
            symbol=symbol[0],
            module=view.module,
            definition=symbol[1],
            form="schedule",
            triggers=(Trigger("cron", when, timezone="UTC"),),
            timeout=Literal(SCHEDULED_TIMEOUT),
            handler=handler_of(view, call.arguments.get(1)),
            live=True,
        ),
    )


def _workload(call: Call) -> None:
    """`export default asyncWorkloadFn(async (event) => {})`; `asyncWorkloadConfig` names the events."""
    view = call.view
    config = declared(view.project, view.source.path, "asyncWorkloadConfig")
    entries = view.evaluator.entries(Place(config.source, config.value)) if config is not None else {}
    events = view.evaluator.known_list(entries.get("events"))
    name = view.evaluator.text(entries.get("name")) or _name(view)
    symbol, whole = holder(view.source, call.node)
    view.add(
        Endpoint(**call.common(NAME), name=name, serves=(name,), definition=whole),
        Job(
            **call.common(NAME),
            name=name,
            symbol=symbol,
            module=view.module,
            definition=whole,
            form="asyncWorkloadFn",
            triggers=tuple(Trigger("event", Literal(event)) for event in events),
            handler=handler_of(view, call.arguments.get(0)),
            options={k: view.value(v) for k, v in entries.items()},
            live=True,
        ),
    )


def _file(view: View) -> None:
    """What a function's file says by its name and by the `config` that it exports; and calls of background functions by their address."""
    for node in view.source.nodes("string", "template_string"):
        _address(view, Place(view.source, node))
    config = declared(view.project, view.source.path, "config")
    name = function_name(view.project.tree, view.source.path) if config is not None else ""
    if config is None or not name:
        return
    entries = view.evaluator.entries(Place(config.source, config.value))
    if "schedule" in entries:
        _configured(view, entries["schedule"])
    # What a file's name says is read without its code.
    if view.evaluator.known(entries.get("background")) is True and not is_background(name):
        at = _entrypoint(view)
        if at is not None:
            view.add(_job(view, at, "background", (), BACKGROUND_TIMEOUT))


def _configured(view: View, place: Place) -> None:
    """`export const config = { schedule: "@daily" }` beside the function."""
    when, at = view.value(place), _entrypoint(view)
    name = _name(view)
    pair = place.node.parent if place.source is view.source and place.node.parent is not None else place.node
    common = view.common(NAME, place.source.location(pair))
    key = f"{view.module}:{at.symbol}" if at is not None else ""
    view.add(Schedule(**common, name=name, job=key, job_name=name, cron=when, timezone="UTC", entry=span(pair)))
    if at is not None:
        view.add(_job(view, at, "schedule", (Trigger("cron", when, timezone="UTC"),), SCHEDULED_TIMEOUT))


def _entrypoint(view: View) -> Declared | None:
    """What the file offers to be called."""
    found = (declared(view.project, view.source.path, name) for name in ("default", "handler"))
    return next((at for at in found if at is not None), None)


def _job(view: View, at: Declared, form: str, triggers: tuple[Trigger, ...], timeout: int) -> Job:
    location = at.source.location(at.whole, at=at.name)
    return Job(
        **view.common(NAME, location),
        name=_name(view),
        symbol=at.symbol,
        module=view.module,
        definition=location.span,
        form=form,
        triggers=triggers or (Trigger("direct", Literal(_name(view))),),
        timeout=Literal(timeout),
        handler=handler_of(view, Place(at.source, at.value)),
        live=True,
    )


def _address(view: View, place: Place) -> None:
    """`fetch("/.netlify/functions/mail-background", { … })`."""
    found = _CALLED.search(view.source.text(place.node))
    call = enclosing(place.node, ("call_expression",))
    if found is None or call is None:
        return
    # The address may be a constant or a part of one; only where it is handed to a call, something is started.
    arguments = field(call, "arguments")
    if arguments is None or not any(a.id == place.node.id or place.node in a.named_children for a in arguments.named_children[:1]):
        return
    callee = callee_of(call) or call
    name = field(callee, "property") or callee
    body = view.evaluator.arguments(view.place(call)).get(1)
    view.found.calls["netlify address"].append(
        Call(view, call, view.evaluator.of(view.source, callee), found[1], name, body if isinstance(body, Place) else place)
    )


def _finish(found: Found) -> None:
    """A call of an address starts a job where the function runs in the background: by its name, or because its file says so."""
    background = {item.name for item in found.items if isinstance(item, Job) and item.system == NAME and item.form == "background"}
    for call in found.calls["netlify address"]:
        if is_background(call.key) or call.key in background:
            _enqueue(call, call.key, "fetch", call.inner)


def _enqueue(call: Call, name: str, form: str, body: Place | None) -> None:
    view, receiver = call.view, call.receiver_node
    options: Options = {}
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            arguments=(view.argument(body),) if body is not None else (),
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
            options=options,
        )
    )


def _name(view: View) -> str:
    """The name of the function whose entry the file is; the file's own outside of the folders of functions."""
    path = view.source.path
    return function_name(view.project.tree, path) or posixpath.splitext(posixpath.basename(path))[0]


READER = Reader(
    system=NAME,
    markers=(b"@netlify/functions", b"@netlify/async-workloads", b"/.netlify/functions/", b"export const config"),
    packages=(_FUNCTIONS, _WORKLOADS),
    call=_read,
    file=_file,
    finish=_finish,
    # Pages of many frameworks export a `config`.
    weak={b"export const config": lambda tree, path, _: bool(function_name(tree, path))},
)
