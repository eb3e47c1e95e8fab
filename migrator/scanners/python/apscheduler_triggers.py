"""When APScheduler runs something: triggers by name with their arguments, trigger objects, and what can only be kept as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from migrator.jobs import Expression, Literal, Value, literal_of
from migrator.scanners.linking import External, Instance, Known, Meaning, Place
from migrator.scanners.python.durations import total
from migrator.scanners.python.passing import is_none, named
from migrator.scanners.reading import View
from migrator.systems.apscheduler_cron import FIELDS, cron_text

_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_CRONTAB = ("minute", "hour", "day", "month", "day_of_week")
_POSITIONAL = {"CronTrigger": FIELDS, "IntervalTrigger": _UNITS, "DateTrigger": ("run_date", "timezone")}
_KINDS = {"CronTrigger": "cron", "IntervalTrigger": "interval", "DateTrigger": "date", "CalendarIntervalTrigger": "calendar"}
_DYNAMIC = "when it fires is only known at run time"
_OTHER = "the trigger has no cron expression"


@dataclass(frozen=True)
class Moment:
    """`cron` or `interval` (seconds) of what recurs; `once` for what runs one time, at `eta` or now. `why` says why it is not sure."""

    cron: Value | None = None
    interval: Value | None = None
    once: bool = False
    eta: Value | None = None
    timezone: str = ""
    why: str = ""


def moment(view: View, trigger: Place | None, options: Mapping[str, Place], kind: str = "") -> Moment:
    """When something runs with this trigger and these keyword arguments; `kind` where the method itself says so."""
    arguments = _spread(view, options)
    zone = timezone(view, arguments.get("timezone"))
    if kind:
        return _of_kind(view, kind, arguments, zone)
    if trigger is None or is_none(view.evaluator.origin(trigger)):
        return _without(view, arguments, zone) if options.keys() & {"*", "**"} else Moment(once=True, timezone=zone)
    meaning = view.evaluator.meaning(trigger)
    if isinstance(meaning, Known):
        text = str(meaning.value)
        return _of_kind(view, text, arguments, zone) if text in ("cron", "interval", "date") else _unknown(trigger, zone)
    entries = view.evaluator.entries(trigger)
    if "type" in entries:
        # Flask-APScheduler takes a trigger as a dictionary.
        return _of_kind(view, view.evaluator.text(entries["type"]), entries, zone)
    return _of_object(view, meaning, trigger, zone)


def is_trigger(callee: Meaning) -> bool:
    """True for what makes a trigger object that fires again and again."""
    path = callee.path if isinstance(callee, External) else ()
    name = path[-2] if path[-1:] == ("from_crontab",) and len(path) > 1 else path[-1] if path else ""
    return path[:2] == ("apscheduler", "triggers") and name in ("CronTrigger", "IntervalTrigger")


def _spread(view: View, options: Mapping[str, Place]) -> dict[str, Place]:
    """The options with known dictionaries laid open; `**` stays where it is not known what is in it."""
    spread = options.get("**")
    inner = view.evaluator.entries(spread) if spread is not None else {}
    return {**options, **inner} if not inner else {**{k: v for k, v in options.items() if k != "**"}, **inner}


def _without(view: View, arguments: Mapping[str, Place], zone: str) -> Moment:
    """No trigger is written, but it may be among what is unpacked."""
    if "trigger" in arguments:
        return moment(view, arguments["trigger"], {k: v for k, v in arguments.items() if k != "trigger"})
    unpacked = arguments.get("*", arguments.get("**"))
    return Moment(once=True, timezone=zone) if unpacked is None else Moment(cron=Expression(unpacked.text), timezone=zone, why=_DYNAMIC)


def _of_kind(view: View, kind: str, arguments: Mapping[str, Place], zone: str) -> Moment:
    match kind:
        case "cron":
            return _cron(view, arguments, zone)
        case "interval":
            return _interval(view, arguments, zone)
        case "date":
            run_date = arguments.get("run_date")
            return Moment(once=True, eta=view.value(run_date) if run_date is not None else None, timezone=zone)
        case _:
            shown = ", ".join(f"{name}={place.text}" for name, place in arguments.items() if name not in ("timezone", "type"))
            return Moment(cron=Expression(f"{kind}({shown})"), timezone=zone, why=_OTHER)


def _of_object(view: View, meaning: Meaning, trigger: Place, zone: str) -> Moment:
    if not isinstance(meaning, Instance) or meaning.call is None or not isinstance(meaning.of, External):
        return _unknown(trigger, zone)
    *path, name = meaning.of.path
    if name == "from_crontab" and path[-1:] == ["CronTrigger"]:
        return _crontab(view, meaning.call, zone)
    options = _spread(view, named(meaning.call, _POSITIONAL.get(name, ())))
    own = timezone(view, options.get("timezone")) or zone
    if name in ("CronTrigger", "IntervalTrigger", "DateTrigger"):
        return _of_kind(view, _KINDS[name], options, own)
    return Moment(cron=Expression(meaning.call.text), timezone=own, why=_OTHER if name.endswith("Trigger") else _DYNAMIC)


def _unknown(trigger: Place, zone: str) -> Moment:
    return Moment(cron=Expression(trigger.text), timezone=zone, why=_DYNAMIC)


def _cron(view: View, arguments: Mapping[str, Place], zone: str) -> Moment:
    values = {name: view.value(arguments[name]) for name in FIELDS if name in arguments}
    if "**" in arguments or any(isinstance(value, Expression) for value in values.values()):
        shown = ", ".join(f"{name}={arguments[name].text}" for name in values)
        return Moment(cron=Expression(f"cron({shown or '**' + arguments['**'].text})"), timezone=zone, why=_DYNAMIC)
    return _written(view, {name: literal_of(value) for name, value in values.items()}, zone)


def _crontab(view: View, call: Place, zone: str) -> Moment:
    given = named(call, ("expr", "timezone"))
    own = timezone(view, given.get("timezone")) or zone
    text = view.evaluator.text(given.get("expr"))
    fields = text.split()
    if len(fields) != len(_CRONTAB):
        source = given["expr"].text if "expr" in given else call.text
        return Moment(cron=Expression(source), timezone=own, why=_DYNAMIC)
    return _written(view, dict(zip(_CRONTAB, fields, strict=True)), own, literal=text)


def _written(view: View, fields: Mapping[str, object], zone: str, literal: str = "") -> Moment:
    # Until version 4 weekday 0 is Monday, in crontab lines too.
    modern = re.match(r"\D*4", view.versions.of(view.source.path, "apscheduler") or "")
    # A crontab line gives every field but the second, which is 0.
    fields = {**fields, "second": 0} if literal else fields
    try:
        return Moment(cron=Literal(cron_text(fields, monday_first=not modern)), timezone=zone)
    except ValueError:
        shown = literal or ", ".join(f"{name}={value!r}" for name, value in fields.items())
        return Moment(cron=Expression(shown), timezone=zone, why=_OTHER)


def _interval(view: View, arguments: Mapping[str, Place], zone: str) -> Moment:
    values = {name: view.value(arguments[name]) for name in _UNITS if name in arguments}
    if "**" in arguments and not values:
        return Moment(interval=Expression(arguments["**"].text), timezone=zone, why=_DYNAMIC)
    # Without any length the trigger fires every second.
    known = total(values) if values else Literal(1)
    if known is not None:
        return Moment(interval=known, timezone=zone, why=_DYNAMIC if isinstance(known, Expression) else "")
    shown = ", ".join(f"{name}={arguments[name].text}" for name in values)
    return Moment(interval=Expression(f"timedelta({shown}).total_seconds()"), timezone=zone, why=_DYNAMIC)


def timezone(view: View, place: Place | None) -> str:
    """The name of a time zone: a text, or what `pytz.timezone("…")` and the like are given; empty if it cannot be told."""
    if place is None or is_none(place):
        return ""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        return view.evaluator.text(first) if isinstance(first, Place) else ""
    if isinstance(meaning, External) and meaning.path[-1].lower() == "utc":
        return "UTC"
    return view.evaluator.text(place)
