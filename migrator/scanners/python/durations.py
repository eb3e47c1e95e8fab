"""Time spans in Python code, in seconds: numbers, and `timedelta(…)` of known parts."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Value, affine, is_number
from migrator.scanners.linking import Instance, Member, Place
from migrator.scanners.reading import View

TIMEDELTA = "datetime.timedelta"
#: timedelta's parameters in order, and seconds in each
_UNITS = {
    "days": 86_400.0,
    "seconds": 1.0,
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "minutes": 60.0,
    "hours": 3_600.0,
    "weeks": 604_800.0,
}


def seconds(view: View, place: Place) -> Value:
    """A time span in seconds: a number as it is, a `timedelta` converted, with or without `.total_seconds()`."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name == "total_seconds":
        meaning = meaning.of.of
    if isinstance(meaning, Instance) and meaning.of.key == TIMEDELTA and meaning.call is not None:
        return timedelta_seconds(view, meaning.call)
    return view.value(place)


def timedelta_seconds(view: View, call: Place) -> Value:
    """Seconds of a call of `timedelta`; an expression if one of its parts is only known at run time."""
    order = list(_UNITS)
    given = {order[k] if isinstance(k, int) and k < len(order) else str(k): v for k, v in view.evaluator.arguments(call).items()}
    values = {unit: view.value(v) for unit, v in given.items() if isinstance(v, Place)}
    return total(values) or Expression(f"({call.text}).total_seconds()")


def total(parts: dict[str, Value]) -> Value | None:
    """The sum of time spans given by unit (`minutes`, `hours`, …) in seconds; None where it cannot be written as one value."""
    if not set(parts) <= set(_UNITS):
        return None
    values = [affine(value, scale=_UNITS[unit]) for unit, value in parts.items()]
    numbers = [v.value for v in values if isinstance(v, Literal) and is_number(v.value)]
    if len(numbers) == len(values):
        summed = sum(numbers)
        return Literal(int(summed) if float(summed).is_integer() else summed)
    return values[0] if len(values) == 1 else None
