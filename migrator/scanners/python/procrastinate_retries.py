"""How often and how soon a Procrastinate task is tried again, in the model's words."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Backoff, Literal, Retry, Value, affine, is_number, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.passing import named
from migrator.scanners.reading import View

_STRATEGIES = frozenset(("procrastinate.RetryStrategy", "procrastinate.retry.RetryStrategy"))


def retry(view: View, place: Place | None) -> Retry:
    """What `retry=` means: a truth value, a number of retries, a `RetryStrategy(…)` or a strategy of the project's own."""
    value = view.value(place) if place is not None else Literal(False)
    if place is None or (isinstance(value, Literal) and not value.value):
        return Retry(max_attempts=Literal(1), backoff=Backoff("none"), automatic=False, explicit=place is not None)
    if value == Literal(True):
        return Retry(max_attempts=Literal(None), backoff=Backoff("none"), explicit=True)
    if isinstance(value, Literal) and is_number(value.value):
        return Retry(max_attempts=affine(value, offset=1), backoff=Backoff("none"), explicit=True)
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None or meaning.of.key not in _STRATEGIES:
        return Retry(
            max_attempts=Literal(None) if isinstance(meaning, Instance) else affine(value, offset=1),
            backoff=Backoff("custom"),
            explicit=True,
        )
    options = named(meaning.call, ())
    given = {k: view.value(v) for k, v in options.items()}
    return Retry(
        max_attempts=affine(given.get("max_attempts", Literal(None)), offset=1),
        backoff=_backoff(given),
        on=_names(view, options.get("retry_exceptions")),
        explicit=True,
    )


def _backoff(given: Mapping[str, Value]) -> Backoff:
    """`wait + linear_wait * n + exponential_wait ** (n + 1)` seconds after n earlier retries."""
    waits = {k: given[k] for k in ("wait", "linear_wait", "exponential_wait") if k in given and given[k] != Literal(0)}
    if not waits:
        return Backoff("none")
    if set(waits) == {"wait"}:
        return Backoff("fixed", waits["wait"])
    base = literal_of(waits.get("exponential_wait"))
    if set(waits) == {"exponential_wait"} and is_number(base):
        return Backoff("exponential", Literal(base), factor=float(base))
    return Backoff("custom")


def _names(view: View, place: Place | None) -> tuple[str, ...]:
    if place is None or place.node.type == "none":
        return ()
    return tuple(entry.text for entry in view.evaluator.entries(place).values()) or (place.text,)
