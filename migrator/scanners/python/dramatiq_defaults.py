"""What the broker's middleware says of every actor: `Retries(max_retries=3)`, `TimeLimit(time_limit=…)`, or a list without one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from migrator.jobs import Backoff, Client, Expression, Job, Literal, Retry, Setting, Value, affine, literal_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Place
from migrator.scanners.python import dramatiq_options, passing
from migrator.scanners.python.dramatiq_terms import SYSTEM
from migrator.scanners.reading import Call

_CALLS = "dramatiq middleware"
_MODULES = ("dramatiq.middleware", "dramatiq.middleware.retries", "dramatiq.middleware.time_limit")
_CLASSES = {f"{module}.{name}": name for module in _MODULES for name in ("Retries", "TimeLimit")}


def read(call: Call) -> bool:
    """Keep what makes one of these middlewares for the end of the scan."""
    if call.key not in _CLASSES:
        return False
    call.view.found.calls[_CALLS].append(call)
    return True


def settle(found: Found) -> None:
    """Complete the actors that leave a number open; middleware that is made twice with different numbers says nothing."""
    calls = [c for c in found.calls[_CALLS] if not c.view.area]
    retries, limits = ([c for c in calls if _CLASSES[c.key] == name] for name in ("Retries", "TimeLimit"))
    left_out = _left_out(found)
    for index, item in enumerate(found.items):
        if not isinstance(item, Job) or item.system != SYSTEM or item.area:
            continue
        retry, timeout = item.retry, item.timeout
        if "Retries" in left_out:
            retry = Retry(Literal(1), Backoff("none"), automatic=False)
        elif len(retries) == 1 and retry is not None:
            retry = _retry(retries[0], retry, item.options)
        if "TimeLimit" in left_out:
            timeout = Literal(None)
        elif len(limits) == 1 and "time_limit" not in item.options:
            timeout = dramatiq_options.timeout(limits[0].view, passing.named(limits[0].inner, ("time_limit", "interval")))
        found.items[index] = msgspec.structs.replace(item, retry=retry, timeout=timeout)


def _retry(call: Call, retry: Retry, options: Mapping[str, Value]) -> Retry:
    given: dict[str, Place] = {k: v for k, v in passing.named(call.inner, ()).items() if k not in options}
    view, backoff = call.view, retry.backoff
    least = dramatiq_options.span(view, given, "min_backoff") or backoff.delay
    most = dramatiq_options.span(view, given, "max_backoff") or backoff.maximum
    limit = given.get("max_retries")
    attempts = affine(view.value(limit), offset=1) if limit is not None and "retry_when" not in options else retry.max_attempts
    return msgspec.structs.replace(retry, max_attempts=attempts, backoff=msgspec.structs.replace(backoff, delay=least, maximum=most))


def _left_out(found: Found) -> set[str]:
    """The middlewares that no list of the project has, where there are such lists."""
    lists = [text for item in found.items if item.system == SYSTEM and not item.area and (text := _listed(item))]
    return {name for name in ("Retries", "TimeLimit") if lists and not any(re.search(rf"\b{name}\b", text) for text in lists)}


def _listed(item: object) -> str:
    """The text of a list of middlewares that is written where a broker is made, or in Django's settings; empty if there is none."""
    value: Value | None = None
    if isinstance(item, Client):
        value = item.options.get("middleware")
    elif isinstance(item, Setting) and item.name == "DRAMATIQ_BROKER":
        value = item.value
    if isinstance(value, Expression):
        start = max(value.source.find("MIDDLEWARE"), 0)
        # Up to the last bracket: text that is not of the list can only say that a middleware is there.
        whole = re.search(r"\[.*\]", value.source[start:], re.DOTALL) if start or value.source.startswith("[") else None
        return whole[0] if whole is not None and "*" not in whole[0] else ""
    table = literal_of(value)
    return " ".join(_texts(table.get("MIDDLEWARE"))) if isinstance(table, dict) else ""


def _texts(values: object) -> Iterator[str]:
    yield from (v for v in values if isinstance(v, str)) if isinstance(values, list) else ()
