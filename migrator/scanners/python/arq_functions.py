"""The functions that arq runs: listed in a worker's settings, wrapped in `func(…)` or scheduled with `cron(…)`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from tree_sitter import Node

from migrator.jobs import Backoff, Job, Literal, Retry, Trigger, Value
from migrator.scanners.linking import Instance, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.loops import rounds
from migrator.scanners.python import passing
from migrator.scanners.python.arq_terms import CRON, FUNC, SYSTEM, asks_for_retry, context_uses
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.functions import Function, location_of, view_of
from migrator.scanners.python.registering import registered
from migrator.scanners.python.targets import Target, definition, target
from migrator.scanners.reading import Call, View
from migrator.systems.arq import SYSTEM as FACTS

_NOT_TOLD = "a function of the worker is only known at run time"
#: said of what a worker is given as a whole
NOT_LISTED = "which functions the worker has is only known at run time"
#: read as calls, round by round
_COMPREHENSIONS = ("list_comprehension", "generator_expression", "set_comprehension")


def listed(view: View, place: Place) -> None:
    """Record every function of a list of a worker; `cron(…)` in it is read as a call, wherever it stands."""
    found = elements(view.evaluator, place)
    why = _NOT_TOLD if isinstance(view.evaluator.meaning(place), Structure) else NOT_LISTED
    for entry in found.known:
        meaning = view.evaluator.meaning(entry)
        made = meaning if isinstance(meaning, Instance) else None
        if made is not None and made.of.key in CRON:
            continue
        if made is not None and made.of.key in FUNC and made.call is not None:
            _add(view, entry, _wrapped(view, made.call), _NOT_TOLD)
        else:
            _add(view, entry, defined(view, target(view, entry), view.evaluator.text(entry), {}), why)
    for entry in found.unknown:
        if entry.node.type not in _COMPREHENSIONS:
            view_of(view, entry).unresolved(entry.node, why, SYSTEM)


def read(call: Call) -> None:
    """Record what `func(function, name=…)` makes a job, once for each round of a loop over functions."""
    view = call.view
    frames = rounds(view.evaluator, call.inner) if call.inner.frame is None else []
    places = [msgspec.structs.replace(call.inner, frame=frame) for frame in frames] or [call.inner]
    jobs = [_wrapped(view, place) for place in places]
    view.add(*(job for job in jobs if job is not None))
    if None in jobs:
        # A decorator of the project, perhaps: whoever uses it is of interest.
        view.found.wanted.append((view.source.path, call.node))


def read_file(view: View) -> None:
    """Record the functions that a decorator of the project gives to `func(…)` on the side."""
    for found in registered(view, lambda meaning: meaning.key in FUNC):
        job = _wrapped(view, found.call, found.decorator)
        if job is not None:
            view.add(job)


def _wrapped(view: View, call: Place, decorator: Node | None = None) -> Job | None:
    """The job that a call of `func` makes."""
    options = passing.named(call, ("coroutine",))
    function = options.pop("coroutine", None)
    name = view.evaluator.text(options["name"]) if "name" in options else ""
    own = view.evaluator.text(function) if function is not None else ""
    return defined(view, target(view, function), name or own, options, decorator)


def _add(view: View, entry: Place, job: Job | None, why: str) -> None:
    if job is not None:
        view.add(job)
    elif not view.area:
        view_of(view, entry).unresolved(entry.node, why, SYSTEM)


def defined(view: View, found: Target, name: str, options: Mapping[str, Place], decorator: Node | None = None) -> Job | None:
    """A function of the project as a job; `name` where it is not the function's own."""
    function = found.function
    job = definition(view, SYSTEM, found)
    if function is None or job is None:
        return None
    name = name or function.qualified
    return msgspec.structs.replace(
        job,
        name=name,
        location=location_of(function, decorator),
        form="function" if decorator is None else "project-decorator",
        triggers=(Trigger("direct", Literal(name)),),
        retry=_retry(view, function, options),
        timeout=_given(view, options, "timeout"),
        acknowledgement="late",
        uses=context_uses(view, function.place),
        options={k: view.value(v) for k, v in options.items()},
    )


def _retry(view: View, function: Function, options: Mapping[str, Place]) -> Retry:
    """How often the body runs: once, unless it raises `Retry`."""
    tries = _given(view, options, "max_tries")
    default = FACTS.retry.default if FACTS.retry is not None else None
    asks = asks_for_retry(view, function.place)
    return Retry(
        max_attempts=(tries or Literal(default)) if asks else Literal(1),
        backoff=Backoff("custom" if asks else "none"),
        automatic=False,
        explicit=tries is not None,
    )


def _given(view: View, options: Mapping[str, Place], name: str) -> Value | None:
    place = options.get(name)
    if place is None or place.node.type == "none":
        return None
    return seconds(view, place)
