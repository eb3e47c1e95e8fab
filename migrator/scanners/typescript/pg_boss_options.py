"""pg-boss's options in the model's terms. Which unit and which default holds depends on the version."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal, Options, Retry, Value, affine, literal_of
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.moments import moment
from migrator.systems.pg_boss import RETRIES_BY_DEFAULT, UNITS, default_attempts


def attempts(options: Options, major: int | None) -> Value:
    """Total executions: `retryLimit` counts the ones after the first."""
    limit = options.get("retryLimit")
    if limit is not None:
        return affine(limit, offset=1)
    delay = literal_of(options.get("retryDelay"))
    if major is not None and major < RETRIES_BY_DEFAULT and isinstance(delay, int | float) and delay > 0:
        # Up to version 9 a delay alone asks for one retry.
        return Literal(2)
    return Literal(default_attempts(major))


def retry(options: Options, major: int | None) -> Retry:
    """How often and how soon a failed job is run again."""
    delay, maximum = options.get("retryDelay"), options.get("retryDelayMax")
    if literal_of(options.get("retryBackoff")):
        backoff = Backoff("exponential", delay if delay is not None else Literal(1), jitter="half", maximum=maximum)
    else:
        backoff = Backoff("fixed", delay) if delay is not None and literal_of(delay) != 0 else Backoff("none")
    return Retry(attempts(options, major), backoff, explicit="retryLimit" in options)


def duration(options: Options, name: str) -> Value | None:
    """`expireInSeconds`, `expireInMinutes` and the like, in seconds; `name` is what stands before the unit."""
    return next((affine(options[f"{name}{unit}"], scale=scale) for unit, scale in UNITS.items() if f"{name}{unit}" in options), None)


def start(view: View, place: Place | None) -> tuple[Value | None, Value | None]:
    """(seconds from now, absolute time) of `startAfter`: a number of seconds, an ISO text or a `Date`."""
    if place is None:
        return None, None
    value = view.value(place)
    if isinstance(value, Literal) and isinstance(value.value, int | float):
        return (value if value.value else None), None
    return moment(view, place)
