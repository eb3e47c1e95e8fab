"""Taskiq's schedules: the label `schedule` of a task, `task.schedule_by_cron(…)`, `ScheduledTask(…)`."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Argument, Expression, Literal, Location, Schedule, Span, Value, literal_of
from migrator.scanners.linking import Instance, Meaning, Place
from migrator.scanners.linking.classes import base_classes, enclosing_class
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.taskiq_terms import SCHEDULES, SYSTEM, Task, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span

_SPEC = "CronSpec"
_FIELDS = ("minutes", "hours", "days", "months", "weekdays")
_SCHEDULED = frozenset(
    ("taskiq.ScheduledTask", "taskiq.scheduler.scheduled_task.ScheduledTask", "taskiq.scheduler.scheduler.ScheduledTask")
)
_SOURCES = frozenset(("taskiq.ScheduleSource", "taskiq.abc.schedule_source.ScheduleSource", "taskiq.abc.ScheduleSource"))
_WHEN = frozenset(("cron", "interval", "time"))
#: where a message of another broker goes
_DESTINATIONS = ("subject", "topic", "queue", "channel", "list", "stream")
_ONCE = "it fires once, at a fixed time"
_DYNAMIC = "when it fires is only known at run time"


def labelled(view: View, task: Task, location: Location) -> None:
    """Record every entry of the label `schedule`: the first where the task is made, others where they stand."""
    written = task.made.arguments.get("schedule") if task.made is not None else None
    if written is None:
        return
    found = elements(view.evaluator, written)
    for index, entry in enumerate(found.known):
        fields = view.evaluator.entries(entry)
        if _WHEN & fields.keys():
            at = location if not index or entry.source.path != location.path else entry.source.location(entry.node)
            _add(view, task, fields, at, span(entry.node))
        else:
            _unknown(view, task, location, entry)
    for entry in found.unknown:
        _unknown(view, task, location, entry)


def _unknown(view: View, task: Task, location: Location, entry: Place) -> None:
    value = Expression(entry.text)
    view.add(
        Schedule(
            **view.common(SYSTEM, location),
            name=task.name,
            confidence="likely",
            reason=_DYNAMIC,
            job=task.job,
            job_name=task.name,
            cron=value,
            entry=span(entry.node) if entry.source.path == location.path else None,
            options={"schedule": value},
        )
    )


def wrapped(call: Call, terms: Terms) -> bool:
    """Record the schedules of a message that another broker sends: `taskiq_broker.task("hi", topic="x", schedule=[…])`. Always True."""
    view = call.view
    options = passing.named(call.inner, ("message",))
    place = options.get("schedule")
    destination = next((view.evaluator.text(options[n]) for n in _DESTINATIONS if n in options), "")
    is_decorator = call.node.parent is not None and call.node.parent.type in ("decorator", "call")
    if place is not None and "message" in options and destination and not is_decorator and terms.is_definer(call.callee):
        for entry in elements(view.evaluator, place).known:
            _add(view, Task(destination), view.evaluator.entries(entry), call.location, span(call.node))
    return True


def read(call: Call, task: Task, method: str) -> None:
    """Record `task.schedule_by_cron(source, "…", *args)` and `task.schedule_by_interval(source, …)`."""
    kind = SCHEDULES[method]
    given = passing.reserving(call.view, call.inner, frozenset(("source", kind)), ("source", kind))
    fields = {kind: given.options[kind]} if kind in given.options else {}
    _add(call.view, task, fields, call.location, span(call.node), given.arguments, call.via)


def read_scheduled(call: Call) -> bool:
    """Record `ScheduledTask(task_name="x", cron="…")`; False for any other call."""
    if call.key not in _SCHEDULED:
        return False
    view = call.view
    if _in_a_source(view, call):
        # A source of schedules reads those that others made.
        return True
    fields = passing.named(call.inner, ())
    if _WHEN & fields.keys() or "**" in fields:
        name = view.evaluator.text(fields["task_name"]) if "task_name" in fields else ""
        arguments = passing.listed(view, fields.get("args"), fields.get("kwargs"))
        _add(view, Task(name), fields, call.location, span(call.node), arguments, call.via)
    return True


def _in_a_source(view: View, call: Call) -> bool:
    owner = enclosing_class(call.node)
    bases = base_classes(view.source, owner) if owner is not None else ()
    return any(view.evaluator.of(view.source, base).key in _SOURCES for base in bases)


def _add(
    view: View,
    task: Task,
    fields: Mapping[str, Place],
    location: Location,
    entry: Span,
    arguments: tuple[Argument, ...] = (),
    via: tuple[str, ...] = (),
) -> None:
    cron, interval = _given(view, fields, "cron"), _given(view, fields, "interval")
    expression, zone = _cron(view, cron) if cron is not None else (None, "")
    every = seconds(view, interval) if interval is not None else None
    once = cron is None and interval is None and "time" in fields
    reason = _ONCE if once else _DYNAMIC if isinstance(expression, Expression) or isinstance(every, Expression) else ""
    reason = reason or ("" if task.name else "what is scheduled could not be told")
    offset = _given(view, fields, "cron_offset")
    written = {k: view.value(v) for k, v in fields.items() if k not in ("args", "kwargs", "task_name")}
    common = view.common(SYSTEM, location)
    common["via"] = via
    view.add(
        Schedule(
            **common,
            name=task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=expression,
            interval=every,
            timezone=zone or (view.evaluator.text(offset) if offset is not None else ""),
            arguments=arguments or passing.listed(view, fields.get("args"), fields.get("kwargs")),
            entry=entry,
            options=written,
        )
    )


def _given(view: View, fields: Mapping[str, Place], name: str) -> Place | None:
    place = fields.get(name)
    return None if place is None or view.value(place) == Literal(None) else place


def _cron(view: View, place: Place) -> tuple[Value, str]:
    """(expression, time zone) of a text or a `CronSpec(…)`."""
    meaning: Meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None or meaning.of.key.rpartition(".")[2] != _SPEC:
        return view.value(place), ""
    given = passing.named(meaning.call, ())
    fields = [literal_of(view.value(given[name])) if name in given else "*" for name in _FIELDS]
    zone = view.evaluator.text(given["offset"]) if "offset" in given else ""
    return (Expression(meaning.call.text) if None in fields else Literal(" ".join(map(str, fields)))), zone
