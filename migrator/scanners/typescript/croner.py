"""croner 4 to 11: `new Cron("0 3 * * *", options, run)`, whose arguments after the first come in any order."""

from __future__ import annotations

from migrator.regex import regex
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.cron_timers import Timer, add_once, add_timer, is_moment
from migrator.systems.croner import SYSTEM

_PACKAGE = "croner"
_CONSTRUCTORS = frozenset((_PACKAGE, f"{_PACKAGE}.default", f"{_PACKAGE}.Cron", f"{_PACKAGE}.default.Cron"))
_LATER = frozenset(f"{constructor}().schedule" for constructor in _CONSTRUCTORS)
#: a moment, which croner takes in place of a pattern
_ISO = regex(r"^\d{4}-\d\d-\d\d([T ].*)?$")


def read(call: Call) -> None:
    """Sort one call of croner's API. Without a function nothing is run: the pattern is only asked for its next times."""
    if call.key in _CONSTRUCTORS:
        arguments = call.arguments
    elif call.key in _LATER and isinstance(call.receiver, Instance) and call.receiver.call is not None and call.arguments:
        made = call.view.evaluator.arguments(call.receiver.call)
        arguments = {k: v for k, v in made.items() if isinstance(v, Place)} | {2: call.arguments[0]}
    else:
        return
    view, when = call.view, arguments.get(0)
    following = [arguments[index] for index in (1, 2) if index in arguments]
    options = next((place for place in following if view.evaluator.entries(place)), None)
    handler = next((place for place in reversed(following) if place is not options), None)
    if when is None or handler is None:
        return
    entries = view.evaluator.entries(options) if options is not None else {}
    timer = Timer(
        form="Cron",
        cron=view.value(when),
        handler=handler,
        name=entries.get("name"),
        zone=entries.get("timezone"),
        options=view.options(options),
        depends=(when,),
    )
    if is_moment(view, when) or _ISO.match(view.evaluator.text(when)):
        add_once(call, SYSTEM.name, timer, when)
    else:
        add_timer(call, SYSTEM.name, timer)


READER = Reader(system=SYSTEM.name, markers=(b"croner",), packages=(_PACKAGE,), call=read)
