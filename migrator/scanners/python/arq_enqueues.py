"""`pool.enqueue_job("name", …)`: on a pool, and on whatever may be one in a project that uses arq."""

from __future__ import annotations

from migrator.jobs import Enqueue, Value
from migrator.scanners.leading import root_package
from migrator.scanners.linking import Defined, External, Meaning, Member, Place
from migrator.scanners.python import passing
from migrator.scanners.python.arq_terms import SYSTEM
from migrator.scanners.python.durations import seconds
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import FUNCTIONS
from migrator.syntax.tree import field as child

METHOD = "enqueue_job"
DOUBT = "what enqueue_job is called on could not be told, in a project that uses arq"
_DYNAMIC = "the name of the job is only known at run time"
_RESERVED = frozenset(("_job_id", "_queue_name", "_defer_until", "_defer_by", "_expires", "_job_try"))
_NAMES = frozenset(("__name__", "__qualname__"))
#: packages whose queues have a method of that name
_OTHERS = frozenset(("rq", "django_rq", "flask_rq", "flask_rq2", "rq_scheduler"))


def read(call: Call) -> None:
    """Record what `enqueue_job` puts on its way."""
    package = root_package(call.callee)
    # A framework's request or context may have the pool; what comes from RQ is RQ's, and a function is no method.
    if package in _OTHERS or (isinstance(call.callee, External) and len(call.callee.path) < 3):
        return
    record(call, METHOD, "" if package == SYSTEM or _is_context(call) else DOUBT)


def record(call: Call, form: str, doubt: str) -> None:
    """Record a call that puts a job on its way as `enqueue_job` does. `doubt`: why it may not be arq's."""
    view = call.view
    given = passing.reserving(view, call.inner, _RESERVED, ("function",))
    written = given.options.pop("function", None)
    name, job = _named(view, written)
    options = given.written(view)
    if written is not None and not name:
        options["function"] = view.value(written)
    reason = "" if name else _DYNAMIC
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **around(call, lambda _: ""),
            name=name,
            job=job,
            form=form,
            confidence="likely" if reason or doubt else "certain",
            reason=reason or doubt,
            arguments=given.arguments,
            delay=_span(view, given.options.get("_defer_by")),
            eta=given.given(view, "_defer_until"),
            queue=given.given(view, "_queue_name"),
            expires=_span(view, given.options.get("_expires")),
            dedupe=given.given(view, "_job_id"),
            options=options,
        )
    )


def _named(view: View, place: Place | None) -> tuple[str, str]:
    """(name, `module:symbol` where that is told) of the job: a text, `function.__name__`, or the function itself."""
    if place is None:
        return "", ""
    text = view.evaluator.text(place)
    if text:
        return text, ""
    meaning: Meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Member) and meaning.name in _NAMES:
        meaning = meaning.of
    if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
        return meaning.name, f"{view.project.module_of(meaning.place.source.path)}:{meaning.name}"
    return "", ""


def _is_context(call: Call) -> bool:
    """True for `ctx["redis"].enqueue_job(…)`: arq itself puts its pool there."""
    key = child(call.receiver_node, "subscript")
    return key is not None and call.view.evaluator.text(call.view.place(key)) == "redis"


def _span(view: View, place: Place | None) -> Value | None:
    return seconds(view, place) if place is not None and not passing.is_none(place) else None
