"""How often and how soon a Celery task is tried again, in the model's words."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Backoff, Expression, Literal, Retry, Value, affine, is_number, literal_of
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.systems.celery import DEFAULT_BACKOFF_MAXIMUM, DEFAULT_RETRY_DELAY, SYSTEM

_DEFAULT_RETRIES = SYSTEM.retry.default if SYSTEM.retry is not None else None


def retry(view: View, options: Mapping[str, Place], *, asks: bool) -> Retry:
    """The retry policy of a task with these options; `asks`: its body may call `self.retry`.

    A task that neither asks nor names errors in `autoretry_for` runs once, whatever its `max_retries` says.
    """
    automatic = "autoretry_for" in options and not _empty(view, options["autoretry_for"])
    arguments = view.evaluator.entries(options["retry_kwargs"]) if automatic and "retry_kwargs" in options else {}
    limit = arguments.get("max_retries") or options.get("max_retries")
    retries: Value = view.value(limit) if limit is not None else Literal(_DEFAULT_RETRIES)
    return Retry(
        max_attempts=affine(retries, offset=1) if automatic or asks else Literal(1),
        backoff=_backoff(view, options, arguments) if automatic else _fixed(view, options.get("default_retry_delay")),
        automatic=automatic,
        on=_names(options.get("autoretry_for")) if automatic else (),
        never_on=_names(options.get("dont_autoretry_for")) if automatic else (),
        explicit=limit is not None,
    )


def _backoff(view: View, options: Mapping[str, Place], arguments: Mapping[str, Place]) -> Backoff:
    """`retry_backoff` wins over `retry_kwargs={"countdown": …}`, which wins over `default_retry_delay`."""
    written = options.get("retry_backoff")
    factor = view.value(written) if written is not None else Literal(False)
    if isinstance(factor, Literal) and not factor.value:
        return _fixed(view, arguments.get("countdown") or options.get("default_retry_delay"))
    maximum = options.get("retry_backoff_max")
    jitter = options.get("retry_jitter")
    return Backoff(
        kind="exponential",
        # True means a factor of one second.
        delay=factor if isinstance(factor, Expression) or is_number(factor.value) else Literal(1),
        maximum=view.value(maximum) if maximum is not None else Literal(DEFAULT_BACKOFF_MAXIMUM),
        jitter="none" if jitter is not None and literal_of(view.value(jitter)) is False else "full",
    )


def _fixed(view: View, delay: Place | None) -> Backoff:
    return Backoff("fixed", view.value(delay) if delay is not None else Literal(DEFAULT_RETRY_DELAY))


def _names(place: Place | None) -> tuple[str, ...]:
    """Names of exceptions as written: one each where a tuple or list stands there, else the expression."""
    if place is None:
        return ()
    if place.node.type in ("tuple", "list", "set"):
        return tuple(place.source.text(n) for n in place.node.named_children if n.type != "comment")
    return (place.text,)


def _empty(view: View, place: Place) -> bool:
    value = view.value(place)
    return isinstance(value, Literal) and not value.value
