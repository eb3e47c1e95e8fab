"""When a Celery schedule fires: `crontab(…)`, numbers, `timedelta(…)`, `schedule(…)`, and what can only be kept as written."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.jobs import Expression, Literal, Value, is_number
from migrator.scanners.linking import External, Instance, Member, Place
from migrator.scanners.python.durations import TIMEDELTA, timedelta_seconds
from migrator.scanners.reading import View
from migrator.systems.celery_beat import CRON_FIELDS

#: crontab's positional parameters (celery 5.7.0), and the order of a cron expression's fields
_PARAMETERS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
_CRONTABS = frozenset(("celery.schedules.crontab", "celery.task.schedules.crontab", "tenant_schemas_celery.schedules.crontab"))
_INTERVALS = frozenset(("celery.schedules.schedule", "celery.schedules.maybe_schedule"))
_OTHERS = frozenset(("celery.schedules.solar", "celery.schedules.rrule", "redbeat.schedules.rrule"))


@dataclass(frozen=True)
class Moment:
    """`cron` in five fields or `interval` in seconds; neither for a schedule that is `written` in another way, `why` says which."""

    cron: Value | None = None
    interval: Value | None = None
    written: Value | None = None
    why: str = ""


def moment(view: View, place: Place) -> Moment:
    """What the expression of a schedule means."""
    meaning = view.evaluator.meaning(place)
    value = view.value(place)
    if isinstance(value, Literal) and is_number(value.value):
        return Moment(interval=value)
    if not isinstance(meaning, Instance) or meaning.call is None:
        return Moment(written=value, why="the schedule is only known at run time")
    key = meaning.of.key
    arguments = view.evaluator.arguments(meaning.call)
    if key in _CRONTABS:
        return Moment(cron=_crontab(view, meaning.call))
    if isinstance(meaning.of, External) and key.rpartition(".")[0] in _CRONTABS and meaning.of.path[-1] == "from_string":
        text = view.evaluator.text(first) if isinstance(first := arguments.get(0), Place) else ""
        return Moment(cron=Literal(" ".join(text.split())) if text else Expression(place.text))
    if key == TIMEDELTA:
        return Moment(interval=timedelta_seconds(view, meaning.call))
    if key in _INTERVALS:
        every = arguments.get("run_every", arguments.get(0))
        return moment(view, every) if isinstance(every, Place) else Moment(written=value, why="a schedule without an interval")
    if key in _OTHERS:
        return Moment(written=Expression(meaning.call.text), why=f"{key.rpartition('.')[2]} schedules have no cron expression")
    if isinstance(meaning.of, Member) and meaning.of.name == "total_seconds":
        return Moment(interval=Expression(place.text))
    return Moment(written=value, why="the schedule is only known at run time")


def field_text(value: Value) -> str | None:
    """One field of a crontab as cron text; None where it is not known.

    >>> field_text(Literal("Mon-Fri")), field_text(Literal(0)), field_text(Literal([1, 15])), field_text(Literal("*/2, 7"))
    ('mon-fri', '0', '1,15', '*/2,7')
    """
    if not isinstance(value, Literal):
        return None
    raw = value.value
    if isinstance(raw, str):
        parts = ["".join(part.split()).lower() for part in raw.split(",")]
        return ",".join(_short_names(part) for part in parts) if all(parts) else None
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, list) and raw and all(isinstance(n, int) for n in raw):
        return ",".join(str(n) for n in sorted(set(raw)))
    return None


def _short_names(part: str) -> str:
    """`monday` is `mon`: Celery reads only the first three letters."""
    head, slash, step = part.partition("/")
    return "-".join(name[:3] if name.isalpha() else name for name in head.split("-")) + slash + step


def _crontab(view: View, call: Place) -> Value:
    given = view.evaluator.arguments(call)
    fields: dict[str, str | None] = dict.fromkeys(CRON_FIELDS, "*")
    for key, value in given.items():
        name = _PARAMETERS[key] if isinstance(key, int) and key < len(_PARAMETERS) else key
        if name in fields and isinstance(value, Place):
            fields[str(name)] = field_text(view.value(value))
        elif name in ("*", "**"):
            return Expression(call.text)
    texts = [fields[name] for name in CRON_FIELDS]
    return Expression(call.text) if None in texts else Literal(" ".join(str(t) for t in texts))
