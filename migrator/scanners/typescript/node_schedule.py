"""node-schedule 1 and 2: `scheduleJob([name], rule, run)`, whose rule is a cron, an object, a `RecurrenceRule` or a date."""

from __future__ import annotations

from migrator.jobs import Literal, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.cron_timers import Timer, add_once, add_timer, is_moment
from migrator.scanners.typescript.handlers import function_of
from migrator.systems.node_cron import SYSTEM

_PACKAGE = "node-schedule"
_METHODS = frozenset(f"{_PACKAGE}{path}.scheduleJob" for path in ("", ".default", ".default.default"))
#: the parts of a rule in the order of a cron; months count from 0
_FIELDS = ("minute", "hour", "date", "month", "dayOfWeek")


def read(call: Call) -> None:
    """Sort one call of node-schedule's API."""
    if call.key not in _METHODS:
        return
    view = call.view
    given = [call.arguments[k] for k in sorted(k for k in call.arguments if isinstance(k, int))]
    position = _handler(call, given)
    if position is None:
        return
    before = given[:position]
    name, when = (before[0], before[1]) if len(before) > 1 else (None, before[0] if before else None)
    if when is None:
        return
    entries = view.evaluator.entries(when)
    rule = entries.get("rule", when)
    timer = Timer(
        form="scheduleJob",
        cron=_cron(call, rule),
        handler=given[position],
        name=name,
        zone=entries.get("tz"),
        options={k: view.value(v) for k, v in entries.items()},
        depends=(rule,),
    )
    if is_moment(view, rule):
        add_once(call, SYSTEM.name, timer, rule)
    else:
        add_timer(call, SYSTEM.name, timer)


def _handler(call: Call, given: list[Place]) -> int | None:
    """The position of the function: the last argument, or the one before the function that is called at the end."""
    functions = [i for i, place in enumerate(given) if i and function_of(call.view, place) is not None]
    return functions[0] if functions else len(given) - 1 if len(given) > 1 else None


def _cron(call: Call, rule: Place) -> Value:
    """A rule as a cron where all of its parts are numbers, else as written."""
    view = call.view
    meaning = view.evaluator.meaning(rule)
    entries = view.evaluator.entries(rule)
    if isinstance(meaning, Instance) and meaning.of.key.endswith("RecurrenceRule") and meaning.call is not None:
        return view.value(rule)
    parts = {k: view.evaluator.known(v) for k, v in entries.items() if k in (*_FIELDS, "second")}
    numbers = {k: v for k, v in parts.items() if isinstance(v, int)}
    if not parts or len(numbers) != len(entries.keys() - {"tz"}):
        return view.value(rule)
    fields = [("*" if name not in numbers else str(numbers[name] + (name == "month"))) for name in _FIELDS]
    return Literal(" ".join([str(numbers["second"]), *fields] if numbers.get("second") else fields))


READER = Reader(system=SYSTEM.name, markers=(b"node-schedule",), packages=(_PACKAGE,), call=read)
