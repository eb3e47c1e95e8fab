"""`@nestjs/schedule`: methods that run by cron, at an interval or once, and timers that are registered by name."""

from __future__ import annotations

import msgspec

from migrator.jobs import Job, Literal, Options, Schedule, Trigger, Value, affine
from migrator.scanners.found import Found
from migrator.scanners.linking import External, Instance, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.cron_package import CONSTRUCTORS
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.nest import decorated_class, decorated_method, name_of
from migrator.syntax.source import span
from migrator.systems import cron
from migrator.systems.nest_schedule import EXPRESSIONS, SYSTEM

NAME = SYSTEM.name
_PACKAGE = "@nestjs/schedule"


def read(call: Call) -> None:
    """Sort one decorator or call of the module's API."""
    match call.key.removeprefix(f"{_PACKAGE}."):
        case "Cron":
            _cron(call)
        case "Interval":
            name, when = _named(call)
            _record(call, "Interval", name, interval=affine(call.view.value(when), scale=0.001) if when is not None else None)
        case "Timeout":
            name, _ = _named(call)
            _record(call, "Timeout", name)
        case "SchedulerRegistry().addCronJob":
            call.view.found.calls["nest cron"].append(call)
        case "SchedulerRegistry().addInterval":
            call.view.add(Schedule(**call.common(NAME), name=_text(call, 0), job_name=_text(call, 0), entry=span(call.node)))
        case _:
            return


def _text(call: Call, index: int) -> str:
    return call.view.evaluator.text(call.arguments.get(index))


def _named(call: Call) -> tuple[str, Place | None]:
    """(name, milliseconds) of `(ms)` or `(name, ms)`."""
    last = call.arguments.get(1)
    return (_text(call, 0), last) if last is not None else ("", call.arguments.get(0))


def _cron(call: Call) -> None:
    view, when, options = call.view, call.arguments.get(0), call.arguments.get(1)
    entries = view.evaluator.entries(options) if options is not None else {}
    zone = view.evaluator.text(entries.get("timeZone"))
    name = view.evaluator.text(entries.get("name"))
    _record(call, "Cron", name, cron=expression(view, when) if when is not None else None, zone=zone, options=view.options(options))


def expression(view: View, place: Place) -> Value:
    """A cron, those that the module has names for included."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, External) and meaning.path[:2] == (_PACKAGE, "CronExpression"):
        named = EXPRESSIONS.get(meaning.path[-1])
        return Literal(named) if named is not None else view.value(place)
    return view.value(place)


def _record(
    call: Call,
    form: str,
    name: str,
    *,
    cron: Value | None = None,
    interval: Value | None = None,
    zone: str = "",
    options: Options | None = None,
) -> None:
    """A job, and the schedule that starts it again and again. A decorator that is only passed on is that of its caller."""
    view = call.view
    owner, method = decorated_class(call.node), decorated_method(call.node)
    label = name or name_of(view, method)
    when = cron if cron is not None else interval
    view.add(
        Job(
            **call.common(NAME),
            name=label,
            symbol=".".join(part for part in (name_of(view, owner), name_of(view, method)) if part),
            module=view.module,
            definition=span(method) if method is not None else None,
            form=f"@{form}",
            triggers=(Trigger("cron" if cron is not None else "interval", when, timezone=zone),) if when is not None else (),
            handler=handler_of(view, view.place(method)) if method is not None else None,
            options=options or {},
            live=True,
        )
    )
    if form != "Timeout":
        view.add(
            Schedule(
                **call.common(NAME),
                name=label,
                job_name=label,
                cron=cron,
                interval=interval,
                timezone=zone,
                entry=span(call.node),
                options=options or {},
            )
        )


def _finish(found: Found) -> None:
    """Timers of the package `cron` that are handed to the registry are the module's own, by the name given there."""
    names: dict[tuple[str, int], str] = {}
    for call in found.calls["nest cron"]:
        given = call.arguments.get(1)
        made = call.view.evaluator.meaning(given) if given is not None else None
        if isinstance(made, Instance) and made.call is not None and made.of.key in CONSTRUCTORS:
            names[(made.call.source.path, made.call.node.start_byte)] = _text(call, 0)
        else:
            found.items.append(Schedule(**call.common(NAME), name=_text(call, 0), job_name=_text(call, 0), entry=span(call.node)))
    for index, item in enumerate(found.items):
        at = (item.location.path, item.location.span.start)
        if item.system == cron.SYSTEM.name and at in names:
            if isinstance(item, Schedule):
                named = names[at] or item.name
                found.items[index] = msgspec.structs.replace(item, system=NAME, name=named, job_name=named)
            elif isinstance(item, Job):
                found.items[index] = msgspec.structs.replace(item, system=NAME, name=names[at] or item.name)


READER = Reader(system=NAME, markers=(_PACKAGE.encode(),), packages=(_PACKAGE,), call=read, finish=_finish)
