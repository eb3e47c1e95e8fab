"""Django Q's schedules: `schedule(…)`, and rows of its `Schedule` model, wherever code writes them.

A schedule of type ONCE recurs never: it is an enqueue for its `next_run`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import msgspec

from migrator.jobs import Argument, Expression, Literal, Schedule, Value, affine
from migrator.scanners.linking import Known, Place
from migrator.scanners.python import passing
from migrator.scanners.python.django_q_enqueues import record
from migrator.scanners.python.django_q_terms import PACKAGE, SYSTEM, api
from migrator.scanners.python.django_rows import Models, fields, only_reverses, statement_around
from migrator.scanners.python.passing import Passing
from migrator.scanners.python.targets import definition, target
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.systems.django_q import DEFAULT_TYPE, INTERVALS, MINUTE, SCHEDULE_OPTIONS, TYPES

_MODELS = Models(frozenset((f"{PACKAGE}.models", PACKAGE)), frozenset((PACKAGE,)))
_MODEL = "Schedule"
_DYNAMIC = "the function is only known at run time"


class _Moment(msgspec.Struct, frozen=True):
    """`cron` or `interval` (seconds); neither where `why` says what stands in the way."""

    cron: Value | None = None
    interval: Value | None = None
    why: str = ""


def read(call: Call) -> bool:
    """Record what `schedule(…)`, `Schedule.objects.create(…)` or `Schedule(…)` schedules; False for any other call."""
    if api(call.key) == "schedule":
        if only_reverses(call.view, call.node):
            return True
        given = passing.reserving(call.view, call.inner, SCHEDULE_OPTIONS, ("func",))
        _record(call, "schedule", given.options, given.arguments, "code")
        return True
    written = _MODELS.written(call.view, call.callee)
    if _MODEL not in (written, _MODELS.name(call.view, call.callee)):
        return False
    if only_reverses(call.view, call.node):
        return True
    row = fields(call.view, call.inner)
    arguments = (*_positional(call.view, row.pop("args", None)), *_keywords(call.view, row.pop("kwargs", None)))
    _record(call, _MODEL, row, arguments, "database")
    return True


def read_file(view: View) -> None:
    """Record rows that are written with the model of a migration."""
    for call in _MODELS.in_migrations(view, _MODEL):
        read(call)


def _record(call: Call, form: str, given: Mapping[str, Place], arguments: tuple[Argument, ...], defined_in: str) -> None:
    view = call.view
    found = target(view, given.get("func"))
    unpacked = "**" in given or any(a.star == "**" for a in arguments)
    kind = "" if unpacked and "schedule_type" not in given else _type(view, given.get("schedule_type"))
    if kind == "ONCE":
        moment = given.get("next_run")
        record(call, form, found, Passing(arguments, dict(given)), eta=view.value(moment) if moment is not None else None)
        return
    when = _moment(view, kind, given)
    name = view.evaluator.text(given.get("name"))
    job = definition(view, SYSTEM, found)
    if job is not None:
        view.add(job)
    reason = "" if found.name else _DYNAMIC
    reason = reason or when.why
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=name or found.name,
            confidence="likely" if reason else "certain",
            reason=reason,
            job=found.job,
            job_name=found.name,
            cron=when.cron,
            interval=when.interval,
            arguments=arguments,
            entry=span(statement_around(call.node)),
            queue=view.value(given["cluster"]) if "cluster" in given else None,
            defined_in="database" if defined_in == "database" else "code",
            options={k: view.value(v) for k, v in given.items() if k not in ("func", "name", "cron", "minutes")},
        )
    )


def _type(view: View, place: Place | None) -> str:
    """`HOURLY` of `Schedule.HOURLY` and of `"H"`; empty where it is only known at run time."""
    if place is None:
        return DEFAULT_TYPE
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Known):
        return TYPES.get(str(meaning.value), "")
    last = meaning.key.rpartition(".")[2]
    return last if last in TYPES.values() else ""


def _moment(view: View, kind: str, given: Mapping[str, Place]) -> _Moment:
    if kind in INTERVALS:
        return _Moment(interval=Literal(INTERVALS[kind]))
    if kind == "MINUTES" and "minutes" in given:
        return _Moment(interval=affine(view.value(given["minutes"]), scale=MINUTE))
    if kind == "CRON" and "cron" in given:
        return _Moment(cron=view.value(given["cron"]))
    if kind in ("MINUTES", "CRON"):
        return _Moment(why="when it fires is only known at run time")
    if kind:
        return _Moment(why=f"a {kind.lower()} schedule counts from its first run, which no cron expression says")
    if "cron" in given:
        return _Moment(cron=view.value(given["cron"]), why="the type of the schedule is only known at run time")
    return _Moment(why="the type of the schedule is only known at run time")


def _positional(view: View, place: Place | None) -> tuple[Argument, ...]:
    """The field `args`: a tuple, or the text of one."""
    text = view.evaluator.text(place)
    if place is None or not text:
        return passing.listed(view, place, None)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return (Argument(Expression(place.text), span(place.node), star="*"),)
    return tuple(Argument(Literal(v), span(place.node)) for v in (value if isinstance(value, tuple) else (value,)))


def _keywords(view: View, place: Place | None) -> tuple[Argument, ...]:
    """The field `kwargs`: a dictionary, the text of one, or `x=1, y=2` in a text."""
    text = view.evaluator.text(place)
    if place is None or not text:
        return passing.listed(view, None, place)
    try:
        value = _literal_keywords(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return (Argument(Expression(place.text), span(place.node), star="**"),)
    return tuple(Argument(Literal(v), span(place.node), str(k)) for k, v in value.items())


def _literal_keywords(text: str) -> dict[str, object]:
    """What Django Q makes of the text.

    >>> _literal_keywords("{'x': 1}"), _literal_keywords("x=1, y='a'")
    ({'x': 1}, {'x': 1, 'y': 'a'})
    """
    parsed = ast.parse(f"f({text})", mode="eval").body
    assert isinstance(parsed, ast.Call)  # noqa: S101 - that is what was written around the text
    if parsed.args:
        value = ast.literal_eval(parsed.args[0])
        if not isinstance(value, dict):
            raise ValueError(text)
        return value
    return {k.arg: ast.literal_eval(k.value) for k in parsed.keywords if k.arg is not None}
