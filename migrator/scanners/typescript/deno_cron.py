"""Deno's own timers: `Deno.cron("tidy", "0 3 * * *", run)`, with options between the last two, or a schedule as an object."""

from __future__ import annotations

from migrator.jobs import Expression, Value
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.cron_timers import Timer, add_timer, name_nameless
from migrator.systems.cron import SYSTEM


def read(call: Call) -> None:
    """Record one call of `Deno.cron`; Deno reads its cron in UTC."""
    if call.key != "globalThis.Deno.cron" or len(call.arguments) < 3:
        return
    view, name, when = call.view, call.arguments.get(0), call.arguments.get(1)
    last = max(index for index in call.arguments if isinstance(index, int))
    timer = Timer(
        form="Deno.cron",
        cron=_when(view, when) if when is not None else None,
        handler=call.arguments.get(last),
        name=name,
        timezone="UTC",
        options=view.options(call.arguments[2]) if last > 2 and 2 in call.arguments else {},
        depends=(name, when),
    )
    add_timer(call, SYSTEM.name, timer)


def _when(view: View, when: Place) -> Value:
    """A cron; `{ minute: { every: 5 } }` stays as it is written."""
    return Expression(view.evaluator.origin(when).text) if view.evaluator.entries(when) else view.value(when)


READER = Reader(system=SYSTEM.name, markers=(b"Deno.cron(",), packages=(), call=read, finish=name_nameless, methods=frozenset(("cron",)))
