"""Times as AWS CDK says them: `Duration.minutes(5)`, `Schedule.rate(…)`, `Schedule.cron({ hour: "9" })`, `ScheduleExpression.at(…)`."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import View

_UNITS = {"millis": 0.001, "seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_FIELDS = ("minute", "hour", "day", "month", "weekDay", "year")


def duration(view: View, place: Place) -> float | None:
    """Seconds of a `Duration`; None for anything else."""
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None
    owner, _, unit = meaning.of.key.rpartition(".")
    first = view.evaluator.arguments(meaning.call).get(0)
    number = view.evaluator.known(first) if isinstance(first, Place) else None
    if not owner.endswith("Duration") or unit not in _UNITS or not isinstance(number, int | float):
        return None
    seconds = number * _UNITS[unit]
    return int(seconds) if float(seconds).is_integer() else seconds


def expression(view: View, place: Place) -> tuple[Value, str]:
    """(the expression that EventBridge is given, time zone) of a schedule."""
    meaning = view.evaluator.meaning(place)
    written: Value = Expression(view.evaluator.origin(place).text)
    if not isinstance(meaning, Instance) or meaning.call is None:
        known = view.evaluator.text(place)
        return (Literal(known) if known else written), ""
    given = {k: v for k, v in view.evaluator.arguments(meaning.call).items() if isinstance(v, Place)}
    first = given.get(0, given.get("duration", given.get("expression")))
    zone = _zone(view, given)
    match meaning.of.key.rpartition(".")[2]:
        case "expression" if first is not None:
            text = view.evaluator.text(first)
            return (Literal(text) if text else Expression(view.evaluator.origin(first).text)), zone
        case "rate" if first is not None:
            seconds = duration(view, first)
            return (Literal(_rate(seconds)) if seconds is not None else written), zone
        case "cron":
            return _cron(view, given), zone
        case "at":
            return Literal("at(…)"), zone
        case _:
            return written, zone


def _rate(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            return f"rate({int(seconds // length)} {unit}s)"
    return f"rate({seconds} seconds)"


def _cron(view: View, given: dict[int | str, Place]) -> Value:
    """Fields that are not said are `*`, of the two day fields the other one `?`."""
    entries = view.evaluator.entries(given[0]) if 0 in given else {("weekDay" if k == "week_day" else str(k)): v for k, v in given.items()}
    said: dict[str, str] = {}
    for name in _FIELDS:
        if name in entries:
            value = view.evaluator.known(entries[name])
            if value is None:
                return Expression(entries[name].text)
            said[name] = str(value)
    if "weekDay" in said:
        said.setdefault("day", "?")
    else:
        said["weekDay"] = "?"
    return Literal(f"cron({' '.join(said.get(name, '*') for name in _FIELDS)})")


def _zone(view: View, given: dict[int | str, Place]) -> str:
    """`TimeZone.EUROPE_PARIS`, `TimeZone.of("Europe/Paris")`, in the options or beside the duration."""
    entries = view.evaluator.entries(given[0]) if 0 in given else {}
    place = entries.get("timeZone") or given.get(1) or given.get("time_zone")
    if place is None:
        return ""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        first = view.evaluator.arguments(meaning.call).get(0)
        return view.evaluator.text(first) if isinstance(first, Place) else ""
    name = meaning.key.rpartition(".")[2]
    region, _, city = name.partition("_")
    return f"{region.capitalize()}/{'_'.join(part.capitalize() for part in city.split('_'))}" if name.isupper() and city else ""
