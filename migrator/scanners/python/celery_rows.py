"""Schedules that code writes into a database: django-celery-beat's `PeriodicTask`, RedBeat's entries."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping

from migrator.jobs import Argument, Expression, Literal, Schedule, affine, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Instance, Known, Member, Place, parts
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.python import passing
from migrator.scanners.python.celery_moments import Moment, field_text, moment
from migrator.scanners.python.celery_terms import SYSTEM, Task, Terms
from migrator.scanners.python.django_rows import SEVERAL, Models, fields, in_migration, model_of, only_reverses, statement_around
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, callee_of
from migrator.syntax.tree import field as child
from migrator.systems.celery_beat import CRON_FIELDS, PERIODS

_MODELS = Models(
    modules=frozenset(
        (
            *("django_celery_beat.models", "djcelery.models", "celerybeatmongo.models", "sqlalchemy_celery_beat.models"),
            *("sqlalchemy_celery_beat", "celery_sqlalchemy_scheduler.models", "celery_sqlalchemy_scheduler"),
        )
    ),
    apps=frozenset(("django_celery_beat", "djcelery")),
)
_REDBEAT = frozenset(("redbeat.RedBeatSchedulerEntry", "redbeat.schedulers.RedBeatSchedulerEntry"))
_REDBEAT_FIELDS = ("name", "task", "schedule", "args", "kwargs", "enabled", "options")
#: fields of a row that the schedule says itself
_TOLD = frozenset(("name", "task", "args", "kwargs", "crontab", "interval", "schedule", SEVERAL))
_DELETED = "celery deleted rows"
_Fields = Mapping[str, Place]


def read(call: Call) -> bool:
    """Record the row that `PeriodicTask.objects.create(…)`, `PeriodicTask(…)` or `RedBeatSchedulerEntry(…)` makes."""
    if call.key in _REDBEAT:
        given = passing.split(call.view, call.inner, _REDBEAT_FIELDS)
        _add(
            call, given.options, moment(call.view, given.options["schedule"]) if "schedule" in given.options else Moment(), given.arguments
        )
        return True
    if "PeriodicTask" in (_MODELS.name(call.view, call.callee), _MODELS.written(call.view, call.callee)):
        if only_reverses(call.view, call.node):
            return True
        _row_of(call)
        return True
    return False


def _row_of(call: Call) -> None:
    row = fields(call.view, call.inner)
    _add(call, row, _moment(call.view, row), (*_json(call.view, row, "args"), *_json(call.view, row, "kwargs")))


def _of_own_models(view: View) -> Iterator[Call]:
    """Calls that make a row with a model of the project that derives from `PeriodicTask`: `Nightly(name="n", task="shop.sweep")`."""
    for node in view.source.nodes("call"):
        function, given = callee_of(node), child(node, "arguments")
        names = [child(each, "name") for each in given.named_children] if given is not None else []
        if function is not None and any(name is not None and name.text == b"task" for name in names):
            callee = view.evaluator.of(view.source, function)
            if isinstance(callee, Defined) and callee.place.node.type in CLASSES and _is_own_model(view, callee):
                yield Call(view, node, callee, callee.key, function, view.place(node))


def _is_own_model(view: View, model: Defined, depth: int = 4) -> bool:
    for base in base_classes(model.place.source, model.place.node):
        above = view.evaluator.of(model.place.source, base, model.place.frame)
        if _MODELS.name(view, above) == "PeriodicTask":
            return True
        own = isinstance(above, Defined) and above.place.node.type in CLASSES and above.key != model.key
        if own and depth and isinstance(above, Defined) and _is_own_model(view, above, depth - 1):
            return True
    return False


def read_file(view: View) -> None:
    """Record rows that are written with the models of a migration, `apps.get_model("django_celery_beat", "PeriodicTask")`."""
    for call in _MODELS.in_migrations(view, "PeriodicTask"):
        read(call)
    for call in _of_own_models(view):
        _row_of(call)
    if in_migration(view):
        for node in view.source.nodes("call"):
            function = callee_of(node)
            name = child(function, "attribute")
            if function is not None and name is not None and name.text == b"delete" and not only_reverses(view, node):
                callee = view.evaluator.of(view.source, function)
                view.found.calls[_DELETED].append(Call(view, node, callee, callee.key, name, view.place(node)))


def settle(found: Found) -> None:
    """Drop the rows of migrations that a later migration of the same application deletes by their name: what counts is the end."""
    gone = [(call.view.source.path, name) for call in found.calls[_DELETED] if (name := _deleted(call))]
    found.items[:] = [
        i
        for i in found.items
        if not (isinstance(i, Schedule) and i.system == SYSTEM and i.defined_in == "database")
        or not any(i.name == name and _precedes(i.location.path, path) for path, name in gone)
    ]


def _deleted(call: Call) -> str:
    """The name in `PeriodicTask.objects.filter(name="x").delete()`; empty for anything else."""
    chosen, _ = parts(call.callee)
    manager, how = parts(chosen.of) if isinstance(chosen, Instance) else (None, "")
    model = model_of(manager) if manager is not None and how in ("filter", "get") else None
    if model is None or not isinstance(chosen, Instance) or chosen.call is None or _MODELS.name(call.view, model) != "PeriodicTask":
        return ""
    given = call.view.evaluator.arguments(chosen.call)
    name = given.get("name")
    return call.view.evaluator.text(name) if len(given) == 1 and isinstance(name, Place) else ""


def _precedes(path: str, other: str) -> bool:
    """True for an earlier migration of the same application; their names begin with their numbers."""
    return posixpath.dirname(path) == posixpath.dirname(other) and posixpath.basename(path) < posixpath.basename(other)


def _moment(view: View, given: _Fields) -> Moment:
    if SEVERAL in given:
        return Moment(why="which of several schedules this is, is only known at run time")
    if "crontab" in given:
        return _crontab(view, given["crontab"])
    if "interval" in given:
        return _interval(view, given["interval"])
    kind = next((k for k in ("solar", "clocked") if k in given), "")
    if kind:
        return Moment(written=view.value(given[kind]), why=f"{kind} schedules have no cron expression")
    return Moment(why="the schedule is only known at run time")


def _row(view: View, place: Place) -> dict[str, Place] | None:
    """The fields of the row that an expression stands for: `Model.objects.get_or_create(…)`, its first element, or `Model(…)`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Member) and meaning.name == "0":
        meaning = meaning.of
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None
    known = _MODELS.written(view, meaning.of) or _MODELS.name(view, meaning.of)
    return fields(view, meaning.call) if known else None


def _crontab(view: View, place: Place) -> Moment:
    row = _row(view, place)
    if row is None:
        return Moment(cron=Expression(place.text), why="the row of the crontab could not be told")
    texts = [field_text(view.value(row[name])) if name in row else "*" for name in CRON_FIELDS]
    if None in texts or "**" in row:
        return Moment(cron=Expression(place.text), why="a field of the crontab is only known at run time")
    return Moment(cron=Literal(" ".join(str(t) for t in texts)))


def _interval(view: View, place: Place) -> Moment:
    row = _row(view, place)
    if row is None or "every" not in row or "period" not in row:
        return Moment(interval=Expression(place.text), why="the row of the interval could not be told")
    period = view.evaluator.meaning(row["period"])
    name = str(period.value) if isinstance(period, Known) else period.key.rpartition(".")[2].lower()
    if name not in PERIODS:
        return Moment(interval=Expression(place.text), why="the period of the interval could not be told")
    return Moment(interval=affine(view.value(row["every"]), scale=PERIODS[name]))


def _json(view: View, given: _Fields, name: str) -> tuple[Argument, ...]:
    """Arguments that are given as JSON text, or with `json.dumps(…)`."""
    if name not in given:
        return ()
    place = given[name]
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


def _add(call: Call, given: _Fields, when: Moment, arguments: tuple[Argument, ...]) -> None:
    view = call.view
    meaning = view.evaluator.meaning(given["task"]) if "task" in given else None
    if isinstance(meaning, Member) and meaning.name == "name":
        meaning = meaning.of
    task = Terms(view.evaluator).task(meaning) if meaning is not None else None
    task = task or Task(name=view.evaluator.text(given.get("task")))
    timezone = _timezone(view, given)
    reason = when.why or ("" if task.name else "the name of the task is only known at run time")
    written = {k: view.value(v) for k, v in given.items() if k not in _TOLD}
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=view.evaluator.text(given.get("name")) or task.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=task.job,
            job_name=task.name,
            cron=when.cron,
            interval=when.interval,
            timezone=timezone,
            arguments=arguments,
            entry=span(statement_around(call.node)),
            defined_in="database",
            options={**written, "schedule": when.written} if when.written is not None else written,
        )
    )


def _timezone(view: View, given: _Fields) -> str:
    """A crontab row has a time zone of its own."""
    row = _row(view, given["crontab"]) if "crontab" in given else None
    value = literal_of(view.value(row["timezone"])) if row is not None and "timezone" in row else None
    return value if isinstance(value, str) else ""
