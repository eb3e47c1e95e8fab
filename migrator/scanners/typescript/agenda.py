"""Agenda 2 to 6 in TypeScript and JavaScript: definitions, jobs put on their way, and those that recur."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.jobs import Client, Enqueue, Item, Job, Literal, Options, Schedule, Trigger, Value, Worker, affine, literal_of
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Meaning, Member, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.handlers import function_of, handler_at, handler_of
from migrator.scanners.typescript.nest import decorated_class, decorated_method, name_of
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.agenda import SYSTEM, seconds_of

NAME = SYSTEM.name
_PACKAGES = ("agenda", "@hokify/agenda", "@rocket.chat/agenda", "agenda/es")
_CONSTRUCTORS = frozenset(
    f"{package}{path}" for package in _PACKAGES for path in ("", ".default", ".Agenda", ".default.Agenda", ".default.default")
)
#: `repeatEvery` stands at the end of a chain that begins with `create`
_LATER = frozenset(("repeatEvery", "repeatAt", "schedule"))
_CRON = regex(r"^\s*(@\w+|\S+(\s+\S+){4,5})\s*$")


def read(call: Call) -> None:
    """Sort one call of Agenda's API."""
    if call.key in _CONSTRUCTORS:
        _client(call)
        return
    owner, _, method = call.key.rpartition(".")
    package, _, decorator = call.key.partition(".")
    if package in _PACKAGES and decorator in ("Define", "Every"):
        _decorated(call, decorator)
    elif owner.removesuffix("()") in _CONSTRUCTORS and owner.endswith("()"):
        _method(call, method)
    elif method in _LATER and "().create()" in owner:
        call.view.found.calls["agenda later"].append(call)


def _method(call: Call, method: str) -> None:
    match method:
        case "define":
            _define(call)
        case "every":
            _every(call)
        case "now" | "create" | "nowDebounced":
            _enqueue(call, method, call.arguments.get(0), call.arguments.get(1))
        case "schedule":
            _enqueue(call, method, call.arguments.get(1), call.arguments.get(2), call.arguments.get(0))
        case "start":
            call.view.add(Worker(**call.common(NAME), name=_symbol(call)))
        case _:
            return


def _symbol(call: Call) -> str:
    receiver = call.receiver_node
    return call.view.source.text(receiver) if receiver is not None else "agenda"


def _client(call: Call) -> None:
    view = call.view
    symbol, _ = holder(view.source, call.node)
    options = view.options(call.arguments.get(0))
    client = Client(
        **call.common(NAME),
        name=symbol or "agenda",
        symbol=symbol,
        module=view.module,
        definition=span(call.node),
        role="app",
        options={k: v for k, v in options.items() if k not in ("db", "mongo", "backend")},
    )
    view.add(client)


def _define(call: Call) -> None:
    """`define(name, [options], run)`; since version 5 the options stand last."""
    view = call.view
    first = call.arguments.get(0)
    following = [call.arguments[index] for index in (1, 2) if index in call.arguments]
    handler = next((place for place in following if function_of(view, place) is not None), None)
    given = next((place for place in following if place is not handler and view.evaluator.entries(place)), None)
    if handler is None:
        handler = next((place for place in following if place is not given), None)
    options = view.options(given)
    name = view.evaluator.text(first)
    view.add(_job(call, name, name, "define", options, handler))


def _job(call: Call, name: str, symbol: str, form: str, options: Options, handler: Place | None) -> Job:
    view = call.view
    lifetime = options.get("lockLifetime")
    return Job(
        **call.common(NAME),
        name=name,
        symbol=symbol,
        module=view.module,
        definition=span(call.node),
        form=form,
        handler=handler_at(function_of(view, handler)),
        triggers=(Trigger("direct", Literal(name)),),
        concurrency=options.get("concurrency"),
        timeout=affine(lifetime, scale=0.001) if lifetime is not None else None,
        priority=options.get("priority"),
        options=options,
        live=True,
    )


def _every(call: Call) -> None:
    """`every(interval, name | names, data, options)`: the interval is a cron, words or milliseconds."""
    view, when = call.view, call.arguments.get(0)
    data, options = call.arguments.get(2), view.options(call.arguments.get(3))
    zone = literal_of(options.get("timezone"))
    cron, interval = _rhythm(call, when)
    for name in _names(call, call.arguments.get(1)):
        view.add(
            Schedule(
                **call.common(NAME),
                name=name,
                job_name=name,
                cron=cron,
                interval=interval,
                timezone=zone if isinstance(zone, str) else "",
                arguments=(view.argument(data),) if data is not None else (),
                entry=span(call.node),
                options=options,
            )
        )


def _rhythm(call: Call, when: Place | None) -> tuple[Value | None, Value | None]:
    """(cron, seconds): `"0 3 * * *"` and what only the run knows are crons, `"3 minutes"` and numbers are intervals."""
    if when is None:
        return None, None
    value = call.view.value(when)
    known = literal_of(value)
    if isinstance(known, int | float):
        return None, affine(value, scale=0.001)
    spelled = seconds_of(known) if isinstance(known, str) and not _CRON.match(known) else None
    return (None, Literal(spelled)) if spelled is not None else (value, None)


def _names(call: Call, place: Place | None) -> Sequence[str]:
    """One name or a list of them; a single empty one where they cannot be told."""
    if place is None:
        return ("",)
    return [call.view.evaluator.text(each) for each in elements(call.view.evaluator, place).known] or ("",)


def _enqueue(call: Call, form: str, named: Place | None, data: Place | None, when: Place | None = None) -> None:
    view, receiver = call.view, call.receiver_node
    moment = view.value(when) if when is not None else None
    known = literal_of(moment)
    delay = seconds_of(known.removeprefix("in ")) if isinstance(known, str) else None
    for name in _names(call, named):
        view.add(
            Enqueue(
                **call.common(NAME),
                name=name,
                form=form,
                call=span(call.node),
                receiver=span(receiver) if receiver is not None else None,
                arguments=(view.argument(data),) if data is not None else (),
                delay=Literal(delay) if delay is not None else None,
                eta=moment if delay is None else None,
                awaited=view.awaited(call.node),
                in_loop=view.in_loop(call.node),
                inside=view.around(call.node),
                result_used=view.result_used(call.node),
            )
        )


def _decorated(call: Call, decorator: str) -> None:
    """`@Define(options)` and `@Every(interval, options)` on a method of a class of jobs."""
    view, evaluator = call.view, call.view.evaluator
    method, owner = decorated_method(call.node), decorated_class(call.node)
    given = call.arguments.get(1 if decorator == "Every" else 0)
    entries = evaluator.entries(given) if given is not None else {}
    name = evaluator.text(entries.get("name")) or name_of(view, method)
    symbol = ".".join(part for part in (name_of(view, owner), name_of(view, method)) if part)
    job = _job(call, name, symbol, f"@{decorator}", view.options(given), None)
    handler = handler_of(view, view.place(method)) if method is not None else None
    view.add(msgspec.structs.replace(job, handler=handler, definition=span(method) if method is not None else None))
    if decorator == "Every":
        cron, interval = _rhythm(call, call.arguments.get(0))
        zone = evaluator.text(entries.get("timezone"))
        view.add(
            Schedule(**call.common(NAME), name=name, job_name=name, cron=cron, interval=interval, timezone=zone, entry=span(call.node))
        )


def _finish(found: Found) -> None:
    """A job that is created and then told to repeat is a schedule; one that is told when to run has its moment."""
    later: dict[tuple[str, int], list[Call]] = {}
    for call in found.calls["agenda later"]:
        made = _created(call.receiver)
        if made is not None:
            later.setdefault((made.source.path, made.node.start_byte), []).append(call)
    for index, item in enumerate(found.items):
        if isinstance(item, Enqueue) and item.system == NAME and item.form == "create" and item.call is not None:
            for call in later.get((item.location.path, item.call.start), ()):
                found.items[index] = _timed(found.items[index], call)


def _created(meaning: Meaning | None) -> Place | None:
    """The call of `create` with which a chain begins."""
    while isinstance(meaning, Instance | Member):
        if isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name == "create":
            return meaning.call
        meaning = meaning.of
    return None


def _timed(item: Item, call: Call) -> Item:
    if not isinstance(item, Enqueue):
        return item
    when = call.arguments.get(0)
    method = call.key.rpartition(".")[2]
    if method == "schedule":
        return msgspec.structs.replace(item, eta=call.view.value(when)) if when is not None else item
    options = call.view.options(call.arguments.get(1))
    zone = literal_of(options.get("timezone"))
    cron, interval = _rhythm(call, when)
    return Schedule(
        system=item.system,
        language=item.language,
        name=item.name,
        location=item.location,
        area=item.area,
        via=item.via,
        job_name=item.name,
        cron=cron,
        interval=interval,
        timezone=zone if isinstance(zone, str) else "",
        arguments=item.arguments,
        entry=item.call,
        options=options,
    )


READER = Reader(
    system=NAME,
    markers=(b'"agenda"', b"'agenda'", b"/agenda'", b'/agenda"', b"'agenda/es'"),
    packages=_PACKAGES,
    call=read,
    finish=_finish,
    telltales=frozenset(("define", "every", "now", "schedule", "create", "start")),
)
