"""What Dramatiq's options mean in the model's words (dramatiq 2.2.1): milliseconds become seconds, a lower priority number runs sooner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from migrator.jobs import Backoff, Expression, Literal, Retry, Value, affine, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.durations import TIMEDELTA, timedelta_seconds
from migrator.scanners.python.passing import Passing, is_none
from migrator.scanners.reading import View
from migrator.systems.dramatiq import SYSTEM

_RETRIES = SYSTEM.retry.default if SYSTEM.retry is not None else None
_BACKOFF = SYSTEM.retry.backoff if SYSTEM.retry is not None else Backoff("none")
_ENDLESS = frozenset(('float("inf")', "float('inf')", "math.inf", "inf"))


class Fields(TypedDict, total=False):
    """The neutral fields of `Enqueue` that options fill."""

    delay: Value
    queue: Value
    priority: Value
    expires: Value
    max_attempts: Value


def fields(view: View, passing: Passing) -> Fields:
    """The neutral fields of `Enqueue` that the options fill."""
    found: Fields = {}
    for name, option in (("delay", "delay"), ("expires", "max_age")):
        value = span(view, passing.options, option)
        if value is not None:
            found[name] = value
    queue, priority = passing.given(view, "queue_name"), passing.given(view, "priority")
    if queue is not None:
        found["queue"] = queue
    if priority is not None:
        found["priority"] = affine(priority, scale=-1)
    retries = passing.given(view, "max_retries")
    if retries is not None:
        found["max_attempts"] = affine(retries, offset=1)
    return found


def span(view: View, options: Mapping[str, Place], name: str) -> Value | None:
    """A time span in seconds, given as milliseconds or a `timedelta`; a literal None for one without an end, None where nothing is said."""
    place = options.get(name)
    if place is None or is_none(place):
        return None
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.of.key == TIMEDELTA and meaning.call is not None:
        return timedelta_seconds(view, meaning.call)
    value = view.value(place)
    if isinstance(value, Expression) and value.source.replace(" ", "") in _ENDLESS:
        return Literal(None)
    return affine(value, scale=0.001)


def timeout(view: View, options: Mapping[str, Place]) -> Value:
    """Seconds that a run may take; a literal None for one without a limit."""
    said = span(view, options, "time_limit")
    return said if said is not None else Literal(SYSTEM.default_timeout)


def priority(view: View, options: Mapping[str, Place]) -> Value | None:
    """The priority, turned round."""
    place = options.get("priority")
    return None if place is None or is_none(place) else affine(view.value(place), scale=-1)


def retry(view: View, options: Mapping[str, Place]) -> Retry:
    """The policy of an actor: any error is retried, twenty times unless told otherwise; `retry_when` decides alone where it is given."""
    place = options.get("max_retries")
    retries: Value = view.value(place) if place is not None else Literal(None if "retry_when" in options else _RETRIES)
    least, most = span(view, options, "min_backoff"), span(view, options, "max_backoff")
    throws, decides = options.get("throws"), options.get("retry_when")
    return Retry(
        max_attempts=affine(retries, offset=1),
        backoff=Backoff(_BACKOFF.kind, least or _BACKOFF.delay, _BACKOFF.factor, most or _BACKOFF.maximum, _BACKOFF.jitter),
        on=_names(decides) if decides is not None and not is_none(decides) else (),
        never_on=_names(throws) if throws is not None else (),
        explicit=literal_of(retries) is not None and place is not None,
    )


def _names(place: Place) -> tuple[str, ...]:
    """Names of exceptions as written: one each where a tuple or list stands there, else the expression."""
    if place.node.type in ("tuple", "list", "set"):
        return tuple(place.source.text(n) for n in place.node.named_children if n.type != "comment")
    return (place.text,)
