"""`create_function` in all its forms: what a function is called, what starts it, how it is tried again, what it does.

`Job.form`: `decorator` for the client's own method above the function, `project-decorator` for one of the project's that ends in it,
`call` for `client.create_function(…)(handler)`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from migrator.jobs import Job, Literal, Retry, Span, Value, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.functions import Function, definition_span, function_at, handler, location_of, view_of
from migrator.scanners.python.inngest_steps import read_body
from migrator.scanners.python.inngest_terms import SYSTEM
from migrator.scanners.python.inngest_triggers import schedule, triggers
from migrator.scanners.python.targets import target
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of
from migrator.syntax.tree import field as child
from migrator.systems.inngest import SYSTEM as FACTS
from migrator.systems.inngest import max_attempts, slug

#: arguments that the model says in its own words, and in full
_ELSEWHERE = ("trigger", "on_failure")


def read(call: Call) -> None:
    """Record the function that the call makes, with its schedules."""
    view = call.view
    options = _options(call)
    name = _name(view, options)
    function, form = _function(call)
    written = {k: view.value(v) for k, v in options.items() if k not in _ELSEWHERE}
    started = tuple(triggers(call, options.get("trigger"), name))
    body = read_body(view, function) if function is not None else None
    failure = options.get("on_failure")
    common = call.common(SYSTEM)
    if function is not None and form != "call":
        decorator = _decorator(call.node)
        common["location"] = location_of(function, decorator)
    symbol = function.qualified if function is not None else ""
    if function is None:
        view.unresolved(call.node, "the handler could not be found", SYSTEM)
    view.add(
        Job(
            **common,
            name=name,
            confidence="certain" if name and "**" not in options else "likely",
            reason="" if name and "**" not in options else "its id, or some of its options, are only known at run time",
            symbol=symbol,
            module=view.module,
            definition=_whole(call, function, form),
            form=form,
            handler=handler(function.place) if function is not None else None,
            triggers=tuple(t.trigger for t in started),
            retry=_retry(written),
            priority=written.get("priority"),
            concurrency=_concurrency(view, options),
            rate_limit=written.get("rate_limit") or written.get("throttle"),
            acknowledgement="late",
            failure_handler=span(failure.node) if failure is not None else None,
            steps=body.steps if body is not None else (),
            uses=body.uses if body is not None else (),
            options=written,
        )
    )
    for found in started:
        if found.trigger.kind == "cron":
            view.add(schedule(call, found, name, f"{view.module}:{symbol}" if symbol else ""))


def _options(call: Call) -> dict[str, Place]:
    """The arguments by name; those of the `FunctionOpts(…)` that the first versions took included."""
    given = passing.named(call.inner, ("#opts", "trigger"))
    first = given.pop("#opts", None)
    made = call.view.evaluator.meaning(first) if first is not None else None
    inner = passing.named(made.call, ()) if isinstance(made, Instance) and made.call is not None else {}
    if "id" in inner:
        inner["fn_id"] = inner.pop("id")
    return {**inner, **given}


def _name(view: View, options: Mapping[str, Place]) -> str:
    text = view.evaluator.text(options.get("fn_id"))
    return text or ("" if "fn_id" in options else slug(view.evaluator.text(options.get("name"))))


def _function(call: Call) -> tuple[Function | None, str]:
    """The handler, and the form of the definition."""
    view, node = call.view, call.node
    decorated = _decorator(node)
    whole = decorated.parent if decorated is not None else None
    inner = child(whole, "definition") if whole is not None else None
    if inner is not None and inner.type == "function_definition":
        return function_at(view.evaluator, view.place(inner)), "project-decorator" if call.via else "decorator"
    outer = node.parent
    called = callee_of(outer) if outer is not None and outer.type == "call" else None
    if outer is not None and called is not None and called.id == node.id:
        given = view.evaluator.arguments(Place(call.inner.source, outer, call.inner.frame) if not call.via else view.place(outer)).get(0)
        return (target(view, given).function if isinstance(given, Place) else None), "call"
    return None, "call"


def _decorator(node: Node) -> Node | None:
    """The decorator whose expression the call is."""
    return node.parent if node.parent is not None and node.parent.type == "decorator" else None


def _whole(call: Call, function: Function | None, form: str) -> Span:
    return definition_span(function) if function is not None and form != "call" else span(call.node)


def _retry(written: Mapping[str, Value]) -> Retry:
    facts = FACTS.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    given = written.get("retries", Literal(None))
    explicit = given != Literal(None)
    return Retry(
        max_attempts(given) if explicit else Literal(facts.default_attempts),
        facts.backoff,
        never_on=("inngest.NonRetriableError",),
        explicit=explicit,
    )


def _concurrency(view: View, options: Mapping[str, Place]) -> Value | None:
    """A limit over the whole function is a number; anything with a key or a scope stays as written. Zero means no limit."""
    if "concurrency" not in options:
        return None
    limits = elements(view.evaluator, options["concurrency"]).known
    made = view.evaluator.meaning(limits[0]) if len(limits) == 1 else None
    given = passing.named(made.call, ()) if isinstance(made, Instance) and made.call is not None else {}
    if set(given) == {"limit"}:
        limit = view_of(view, limits[0]).value(given["limit"])
        return None if literal_of(limit) == 0 else limit
    return view.value(options["concurrency"])
