"""The parameters of RQ's calls, and what they mean in the model's words (rq 3.0.0 and 2.12.0, rq-scheduler 0.14.0, Flask-RQ2 18.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict

from migrator.jobs import Backoff, Literal, Retry, Value, affine, is_number, literal_of
from migrator.regex import regex
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.passing import Passing, is_none
from migrator.scanners.reading import View
from migrator.systems.rq import SYSTEM

#: keywords that `enqueue` takes out before it hands the rest to the function
RESERVED = frozenset(
    (
        *("job_timeout", "description", "result_ttl", "ttl", "failure_ttl", "depends_on", "job_id", "at_front", "meta", "retry", "repeat"),
        *("on_success", "on_failure", "on_stopped", "rate_limit", "webhooks", "pipeline", "unique", "args", "kwargs"),
    )
)
#: of a decorated function's `delay`
DELAY = frozenset(("depends_on", "job_id", "at_front"))
#: of Flask-RQ2's `f.queue`, `f.schedule` and `f.cron`
FLASK = frozenset(
    (
        *("queue", "timeout", "result_ttl", "ttl", "depends_on", "job_id", "at_front", "meta", "description", "repeat", "interval"),
        *("args", "kwargs"),
    )
)
#: of rq-scheduler's `enqueue_at` and `enqueue_in`
SCHEDULER = frozenset(
    (
        *("timeout", "job_id", "job_ttl", "job_result_ttl", "job_description", "depends_on", "meta", "queue_name", "on_success"),
        *("on_failure", "at_front"),
    )
)
_COMMON = ("timeout", "result_ttl", "ttl", "failure_ttl", "description", "depends_on", "job_id", "at_front", "meta", "retry")
ENQUEUE_CALL = ("func", "args", "kwargs", *_COMMON, "repeat", "on_success", "on_failure", "on_stopped", "rate_limit", "pipeline", "unique")
PREPARE_DATA = ("func", "args", "kwargs", *_COMMON, "on_success", "on_failure", "on_stopped", "repeat", "webhooks")
CREATE = ("func", "args", "kwargs", "connection", "result_ttl", "ttl", "status", "description", "depends_on", "timeout", "retry", "id")
CREATE_JOB = ("func", "args", "kwargs", "timeout", "result_ttl", "ttl", "failure_ttl", "description", "depends_on", "job_id")
SCHEDULE = (
    *("scheduled_time", "func", "args", "kwargs", "interval", "repeat", "result_ttl", "ttl", "timeout", "id", "description"),
    *("queue_name", "meta", "depends_on", "on_success", "on_failure", "at_front"),
)
CRON = ("cron_string", "func", "args", "kwargs", "repeat", "queue_name", "result_ttl", "ttl", "id", "timeout", "description", "meta")
REGISTER = ("func", "queue_name", "args", "kwargs", "interval", "cron", "job_timeout", "result_ttl", "ttl", "failure_ttl", "meta")
#: of the decorator
JOB = ("queue", "connection", "timeout", "result_ttl", "ttl", "queue_class", "depends_on", "at_front", "meta", "description")
FLASK_JOB = ("queue", "timeout", "result_ttl", "ttl", "depends_on", "at_front", "meta", "description")

_RETRIES = frozenset(("rq.Retry", "rq.job.Retry"))
_DURATION = regex(r"(\d+)\s*([smhd])?", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
NO_RETRY = Retry(Literal(1), Backoff("none"), automatic=False)


class Fields(TypedDict, total=False):
    """The neutral fields of `Enqueue` that options fill."""

    delay: Value
    eta: Value
    queue: Value
    expires: Value
    dedupe: Value
    max_attempts: Value
    backoff: Backoff


def fields(view: View, passing: Passing) -> Fields:
    """The neutral fields of `Enqueue` that the options fill. `eta` and `delay` are the names of what `enqueue_at` and `enqueue_in` take."""
    found: Fields = {}
    if "delay" in passing.options:
        found["delay"] = seconds(view, passing.options["delay"])
    for name, keys in (("eta", ("eta",)), ("queue", ("queue", "queue_name")), ("expires", ("ttl", "job_ttl"))):
        value = next((v for key in keys if (v := passing.given(view, key)) is not None), None)
        if value is not None:
            found[name] = duration(value) if name == "expires" else value
    identity = passing.given(view, "job_id")
    if identity is not None and literal_of(passing.given(view, "unique")) is True:
        found["dedupe"] = identity
    attempts = retry(view, passing.options)
    if attempts.explicit:
        found["max_attempts"] = attempts.max_attempts
        found["backoff"] = attempts.backoff
    return found


def timeout(view: View, options: Mapping[str, Place]) -> Value | None:
    """Seconds that a run may take; a literal None for one without a limit, None where nothing is said."""
    place = options.get("timeout") or options.get("job_timeout")
    if place is None or is_none(place):
        return None
    value = duration(view.value(place))
    return Literal(None) if literal_of(value) == -1 else value


def duration(value: Value) -> Value:
    """Seconds of a number or of a text such as `1h`; what is neither stays as it is.

    >>> duration(Literal("1h")), duration(Literal(30)), duration(Literal("90")), duration(Literal("soon"))
    (Literal(value=3600), Literal(value=30), Literal(value=90), Literal(value='soon'))
    """
    text = literal_of(value)
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    return value if match is None else Literal(int(match[1]) * _UNITS[(match[2] or "").lower()])


def retry(view: View, options: Mapping[str, Place]) -> Retry:
    """The policy of `retry=Retry(max=3, interval=…)`, an expression where it could not be told; without one a job runs once."""
    place = options.get("retry")
    if place is None or is_none(place):
        return NO_RETRY
    meaning = view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.of.key not in _RETRIES or meaning.call is None:
        value = view.value(place)
        # A bare number is the count itself.
        return Retry(affine(value, offset=1), Backoff("custom"), explicit=True)
    given = view.evaluator.arguments(meaning.call)
    limit, interval = given.get("max", given.get(0)), given.get("interval", given.get(1))
    attempts: Value = view.value(limit) if isinstance(limit, Place) else Literal(SYSTEM.retry.default if SYSTEM.retry else 0)
    return Retry(affine(attempts, offset=1), _backoff(view, interval if isinstance(interval, Place) else None), explicit=True)


def _backoff(view: View, interval: Place | None) -> Backoff:
    value = view.value(interval) if interval is not None else Literal(0)
    known = literal_of(value)
    if isinstance(known, list) and known and all(is_number(n) for n in known):
        return Backoff("table", table=tuple(float(n) for n in known))
    return Backoff("none") if known == 0 else Backoff("fixed", value)
