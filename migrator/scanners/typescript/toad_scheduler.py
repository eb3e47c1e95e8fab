"""toad-scheduler 1 to 4: `new SimpleIntervalJob({ minutes: 5 }, task)` and `new CronJob({ cronExpression }, task)`."""

from __future__ import annotations

from migrator.jobs import Literal, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.cron_timers import Timer, add_timer
from migrator.systems.node_cron import SYSTEM

_PACKAGE = "toad-scheduler"
_JOBS = ("SimpleIntervalJob", "LongIntervalJob", "CronJob")
#: seconds in each of the units of an interval
_SECONDS = {"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def read(call: Call) -> None:
    """Sort one call of toad-scheduler's API; a job runs a task that is made apart: `new Task(name, run)`."""
    _, _, made = call.key.partition(".")
    if made not in _JOBS:
        return
    view, first, task = call.view, call.arguments.get(0), call.arguments.get(1)
    entries = view.evaluator.entries(first) if first is not None else {}
    name, handler = _task(view, task)
    cron = entries.get("cronExpression")
    timer = Timer(
        form=made,
        cron=view.value(cron) if cron is not None else None,
        interval=None if cron is not None else _interval(view, entries, first),
        handler=handler,
        name=name,
        zone=entries.get("timezone"),
        options=view.options(call.arguments.get(2)),
        depends=(task, first, *entries.values()),
    )
    add_timer(call, SYSTEM.name, timer)


def _task(view: View, task: Place | None) -> tuple[Place | None, Place | None]:
    """(name, function) of the task."""
    meaning = view.evaluator.meaning(task) if task is not None else None
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None, None
    given = view.evaluator.arguments(meaning.call)
    name, handler = given.get(0), given.get(1)
    return (name if isinstance(name, Place) else None), (handler if isinstance(handler, Place) else None)


def _interval(view: View, entries: dict[str, Place], first: Place | None) -> Value | None:
    """The sum of the units in seconds where all are numbers, else as written."""
    parts = {unit: view.evaluator.known(entries[unit]) for unit in _SECONDS if unit in entries}
    numbers = {unit: value for unit, value in parts.items() if isinstance(value, int | float)}
    if numbers and len(numbers) == len(parts):
        return Literal(sum(_SECONDS[unit] * value for unit, value in numbers.items()))
    return view.value(first) if first is not None else None


READER = Reader(system=SYSTEM.name, markers=(b"toad-scheduler",), packages=(_PACKAGE,), call=read)
