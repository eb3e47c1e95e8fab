"""node-cron 2 to 4 in TypeScript and JavaScript: `cron.schedule("0 3 * * *", run, options)`."""

from __future__ import annotations

from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.cron_timers import Timer, add_timer, name_nameless
from migrator.systems.node_cron import SYSTEM

_PACKAGE = "node-cron"
_METHODS = frozenset(f"{_PACKAGE}{path}.{method}" for path in ("", ".default") for method in ("schedule", "createTask"))


def read(call: Call) -> None:
    """Sort one call of node-cron's API."""
    if call.key not in _METHODS:
        return
    view, when = call.view, call.arguments.get(0)
    options = view.evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    timer = Timer(
        form=view.source.text(call.name) if not call.via else "schedule",
        cron=view.value(when) if when is not None else None,
        handler=call.arguments.get(1),
        name=options.get("name"),
        zone=options.get("timezone"),
        options=view.options(call.arguments.get(2)),
        depends=(when,),
    )
    add_timer(call, SYSTEM.name, timer)


READER = Reader(system=SYSTEM.name, markers=(b"node-cron",), packages=(_PACKAGE,), call=read, finish=name_nameless)
