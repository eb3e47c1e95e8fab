"""What Huey's options mean in the model's words (huey 3.5.4). Times are in seconds, a higher priority runs sooner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from migrator.jobs import Backoff, Expression, Literal, Retry, Value, affine, is_number, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.passing import Passing, is_none
from migrator.scanners.reading import View

#: keywords that calling a task, or `task.s`, takes out before it hands the rest to the function
RESERVED = frozenset(("eta", "delay", "id", "retries", "retry_delay", "retry_backoff", "priority", "expires", "timeout"))
#: parameters of `task.schedule`
SCHEDULE = ("args", "kwargs", "eta", "delay", "priority", "retries", "retry_delay", "retry_backoff", "expires", "timeout", "id")
#: crontab's positional parameters, and the order of a cron expression's fields
_CRONTAB = ("minute", "hour", "day", "month", "day_of_week")


class Fields(TypedDict, total=False):
    """The neutral fields of `Enqueue` that options fill."""

    delay: Value
    eta: Value
    priority: Value
    expires: Value
    max_attempts: Value


def fields(view: View, passing: Passing) -> Fields:
    """The neutral fields of `Enqueue` that the options fill."""
    found: Fields = {}
    for name in ("delay", "expires"):
        place = passing.options.get(name)
        if place is not None and not is_none(place):
            found[name] = seconds(view, place)
    for name in ("eta", "priority"):
        value = passing.given(view, name)
        if value is not None:
            found[name] = value
    retries = passing.given(view, "retries")
    if retries is not None:
        found["max_attempts"] = affine(retries, offset=1)
    return found


def given(view: View, options: Mapping[str, Place], name: str) -> Value | None:
    """An option's value; None where it is absent or `None`."""
    place = options.get(name)
    return None if place is None or is_none(place) else seconds(view, place) if name in ("expires", "timeout") else view.value(place)


def retry(view: View, options: Mapping[str, Place]) -> Retry:
    """The policy of a task: `retries` after the first run, whatever the error; the first after `retry_delay`, each next one
    `retry_backoff` times as long after it.
    """
    retries = given(view, options, "retries") or Literal(0)
    delay = given(view, options, "retry_delay") or Literal(0)
    factor = literal_of(given(view, options, "retry_backoff") or Literal(0))
    if literal_of(delay) == 0:
        backoff = Backoff("none")
    elif is_number(factor) and factor:
        backoff = Backoff("exponential", delay, float(factor))
    else:
        backoff = Backoff("fixed", delay) if "retry_backoff" not in options or factor == 0 else Backoff("custom", delay)
    return Retry(affine(retries, offset=1), backoff, explicit="retries" in options)


def cron(view: View, crontab: Instance) -> Value:
    """`crontab(…)` as five fields; an expression where one of them is only known at run time."""
    if crontab.call is None:
        return Expression("crontab()")
    texts = dict.fromkeys(_CRONTAB, "*")
    for key, value in view.evaluator.arguments(crontab.call).items():
        name = _CRONTAB[key] if isinstance(key, int) and key < len(_CRONTAB) else str(key)
        if name == "strict":
            continue
        text = _field(view.value(value)) if isinstance(value, Place) else None
        if name not in texts or text is None:
            return Expression(crontab.call.text)
        texts[name] = text
    return Literal(" ".join(texts[name] for name in _CRONTAB))


def _field(value: Value) -> str | None:
    """One field as cron text; None where it is not known.

    >>> _field(Literal("*/5")), _field(Literal(0)), _field(Literal("1, 2")), _field(Literal(None))
    ('*/5', '0', '1,2', None)
    """
    known = literal_of(value)
    if isinstance(known, str) and known.strip():
        return "".join(known.split())
    return str(known) if isinstance(known, int) and not isinstance(known, bool) else None
