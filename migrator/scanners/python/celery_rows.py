"""Schedules that code writes into a database: django-celery-beat's `PeriodicTask`, RedBeat's entries."""

from __future__ import annotations

import json
from collections.abc import Mapping

from migrator.jobs import Argument, Expression, Literal, Schedule, affine, literal_of
from migrator.scanners.linking import UNKNOWN, External, Instance, Known, Meaning, Member, Place
from migrator.scanners.python import passing
from migrator.scanners.python.celery_moments import Moment, field_text, moment
from migrator.scanners.python.celery_terms import SYSTEM, Task, Terms, parts
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

_MODULES = ("django_celery_beat.models", "djcelery.models")
_APPS = ("django_celery_beat", "djcelery")
_WRITES = frozenset(("create", "get_or_create", "update_or_create", "acreate", "aget_or_create", "aupdate_or_create"))
_CRON_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
#: django-celery-beat's periods in seconds
_PERIODS = {"days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0, "microseconds": 1e-6}
_REDBEAT = frozenset(("redbeat.RedBeatSchedulerEntry", "redbeat.schedulers.RedBeatSchedulerEntry"))
_REDBEAT_FIELDS = ("name", "task", "schedule", "args", "kwargs", "enabled", "options")
_Fields = Mapping[str, Place]


def read(call: Call) -> bool:
    """Record the row that `PeriodicTask.objects.create(…)`, `PeriodicTask(…)` or `RedBeatSchedulerEntry(…)` makes."""
    if call.key in _REDBEAT:
        given = passing.split(call.view, call.inner, _REDBEAT_FIELDS)
        _add(
            call, given.options, moment(call.view, given.options["schedule"]) if "schedule" in given.options else Moment(), given.arguments
        )
        return True
    if _model(call.view, call.callee) == "PeriodicTask" or _written(call.view, call.callee) == "PeriodicTask":
        fields = _fields(call.view, call.inner)
        _add(call, fields, _moment(call.view, fields), (*_json(call.view, fields, "args"), *_json(call.view, fields, "kwargs")))
        return True
    return False


def read_file(view: View) -> None:
    """Record rows that are written with the models of a migration, `apps.get_model("django_celery_beat", "PeriodicTask")`."""
    for node in view.source.nodes("call"):
        function = child(node, "function")
        name = child(function, "attribute")
        if function is None or name is None or view.source.text(name) not in _WRITES:
            continue
        callee = view.evaluator.of(view.source, function)
        if not isinstance(_root(callee), External) and _written(view, callee) == "PeriodicTask":
            read(Call(view, node, callee, callee.key, name, view.place(node)))


def _written(view: View, callee: Meaning) -> str:
    """The model of `Model.objects.get_or_create`, whichever database it is for."""
    manager, name = parts(callee)
    if manager is None or name not in _WRITES:
        return ""
    while isinstance(manager, Instance):
        manager = parts(manager.of)[0] or UNKNOWN
    model, name = parts(manager)
    return _model(view, model) if model is not None and name == "objects" else ""


def _model(view: View, meaning: Meaning) -> str:
    """The name of a model of django-celery-beat, imported or looked up."""
    module, _, name = meaning.key.rpartition(".")
    if isinstance(meaning, External) and module in _MODULES:
        return name
    if not isinstance(meaning, Instance) or not isinstance(meaning.of, Member) or meaning.of.name != "get_model" or meaning.call is None:
        return ""
    given = view.evaluator.arguments(meaning.call)
    words = [view.evaluator.text(p) for k in (0, 1) if isinstance(p := given.get(k), Place)]
    app, _, model = ".".join(words).partition(".")
    return model if app in _APPS else ""


def _root(meaning: Meaning) -> Meaning:
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning


def _fields(view: View, call: Place) -> dict[str, Place]:
    """The fields of a row: keyword arguments and `defaults`."""
    given = {k: v for k, v in view.evaluator.arguments(call).items() if isinstance(k, str) and isinstance(v, Place)}
    for name in ("defaults", "create_defaults"):
        if name in given:
            given = {**view.evaluator.entries(given.pop(name)), **given}
    return given


def _moment(view: View, fields: _Fields) -> Moment:
    if "crontab" in fields:
        return _crontab(view, fields["crontab"])
    if "interval" in fields:
        return _interval(view, fields["interval"])
    kind = next((k for k in ("solar", "clocked") if k in fields), "")
    if kind:
        return Moment(written=view.value(fields[kind]), why=f"{kind} schedules have no cron expression")
    return Moment(why="the schedule is only known at run time")


def _row(view: View, place: Place) -> dict[str, Place] | None:
    """The fields of the row that an expression stands for: `Model.objects.get_or_create(…)`, its first element, or `Model(…)`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Member) and meaning.name == "0":
        meaning = meaning.of
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None
    known = _written(view, meaning.of) or _model(view, meaning.of)
    return _fields(view, meaning.call) if known else None


def _crontab(view: View, place: Place) -> Moment:
    row = _row(view, place)
    if row is None:
        return Moment(cron=Expression(place.text), why="the row of the crontab could not be told")
    texts = [field_text(view.value(row[name])) if name in row else "*" for name in _CRON_FIELDS]
    if None in texts or "**" in row:
        return Moment(cron=Expression(place.text), why="a field of the crontab is only known at run time")
    return Moment(cron=Literal(" ".join(str(t) for t in texts)))


def _interval(view: View, place: Place) -> Moment:
    row = _row(view, place)
    if row is None or "every" not in row or "period" not in row:
        return Moment(interval=Expression(place.text), why="the row of the interval could not be told")
    period = view.evaluator.meaning(row["period"])
    name = str(period.value) if isinstance(period, Known) else period.key.rpartition(".")[2].lower()
    if name not in _PERIODS:
        return Moment(interval=Expression(place.text), why="the period of the interval could not be told")
    return Moment(interval=affine(view.value(row["every"]), scale=_PERIODS[name]))


def _json(view: View, fields: _Fields, name: str) -> tuple[Argument, ...]:
    """Arguments that are given as JSON text, or with `json.dumps(…)`."""
    if name not in fields:
        return ()
    place = fields[name]
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.of.key == "json.dumps" and meaning.call is not None:
        inner = view.evaluator.arguments(meaning.call).get(0)
        if isinstance(inner, Place):
            return passing.listed(view, inner, None) if name == "args" else passing.listed(view, None, inner)
    try:
        value = json.loads(view.evaluator.text(place))
    except (ValueError, RecursionError):
        value = None
    where = span(place.node)
    if isinstance(value, list):
        return tuple(Argument(Literal(v), where) for v in value)
    if isinstance(value, dict):
        return tuple(Argument(Literal(v), where, str(k)) for k, v in value.items())
    return (Argument(Expression(place.text), where, star="*" if name == "args" else "**"),)


def _add(call: Call, fields: _Fields, when: Moment, arguments: tuple[Argument, ...]) -> None:
    view = call.view
    meaning = view.evaluator.meaning(fields["task"]) if "task" in fields else None
    if isinstance(meaning, Member) and meaning.name == "name":
        meaning = meaning.of
    task = Terms(view.evaluator).task(meaning) if meaning is not None else None
    task = task or Task(name=view.evaluator.text(fields.get("task")))
    timezone = _timezone(view, fields)
    statement = call.node.parent if call.node.parent is not None and call.node.parent.type == "expression_statement" else call.node
    reason = when.why or ("" if task.name else "the name of the task is only known at run time")
    written = {
        k: view.value(v) for k, v in fields.items() if k not in ("name", "task", "args", "kwargs", "crontab", "interval", "schedule")
    }
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=view.evaluator.text(fields.get("name")) or task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=when.cron,
            interval=when.interval,
            timezone=timezone,
            arguments=arguments,
            entry=span(statement),
            defined_in="database",
            options={**written, "schedule": when.written} if when.written is not None else written,
        )
    )


def _timezone(view: View, fields: _Fields) -> str:
    """A crontab row has a time zone of its own."""
    row = _row(view, fields["crontab"]) if "crontab" in fields else None
    value = literal_of(view.value(row["timezone"])) if row is not None and "timezone" in row else None
    return value if isinstance(value, str) else ""
