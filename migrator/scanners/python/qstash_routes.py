"""The Python routes that QStash calls: those that check a signature, by the SDK or by hand, themselves or before they are reached."""

from __future__ import annotations

import msgspec

from migrator.jobs import Endpoint, Job, Literal, Retry, Trigger
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.python.functions import function_at, handler
from migrator.scanners.python.web_routes import WebRoute, decorators, route_around, route_of
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, enclosing
from migrator.systems.qstash import SIGNATURE, SYSTEM

NAME = SYSTEM.name
_PARAMETER = SIGNATURE.replace("-", "_")


def checked(call: Call) -> None:
    """`receiver.verify(body=…, signature=…)`: the route of which the check is a part, in however many functions between."""
    route = route_around(call.view, call.node)
    if route is not None:
        add_route(call.view, route, via=call.via)
        return
    common = call.common(NAME)
    call.view.add(Job(**common, name="", form="signature checked by hand"), Endpoint(**common, name=""))


def signatures(view: View) -> None:
    """A route that is given the header with the signature, and checks it with whatever it likes."""
    data = view.source.data.lower()
    if SIGNATURE.encode() not in data and _PARAMETER.encode() not in data:
        return
    for node in view.source.nodes("string", "identifier"):
        text = view.source.text(node).strip("\"'").lower()
        if text in (SIGNATURE, _PARAMETER):
            route = route_around(view, node)
            if route is not None:
                add_route(view, route)


def add_route(view: View, route: WebRoute, *, via: tuple[str, ...] = ()) -> None:
    """Record the route as a job and as an endpoint."""
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    location = view.source.location(route.function, at=route.at)
    function = function_at(view.evaluator, view.place(route.function))
    job = Job(
        **view.common(NAME, location),
        name=route.path,
        symbol=function.qualified,
        module=function.module,
        definition=span(function.whole),
        form="route",
        handler=handler(function.place),
        triggers=(Trigger("direct", Literal(route.path)),),
        retry=Retry(Literal(facts.default_attempts), facts.backoff),
        acknowledgement="late",
    )
    endpoint = Endpoint(**view.common(NAME, location), name=function.name, serves=(route.path,), definition=span(function.whole))
    view.add(msgspec.structs.replace(job, via=via), msgspec.structs.replace(endpoint, via=via))


def guarded(found: Found) -> None:
    """Routes under a decorator, or with a `Depends(…)`, that is a function of the tree which checks the signature."""
    checks = [i for i in found.items if isinstance(i, Job) and i.system == NAME and not i.name and i.language == "python"]
    answered: set[int] = set()
    for view in found.views if checks else ():
        if not view.source.is_python:
            continue
        for route, guard in _guards(view):
            for check in checks:
                where, node = check.location, guard.place.node
                if guard.place.source.path == where.path and node.start_byte <= where.span.start < node.end_byte:
                    add_route(view, route)
                    answered.add(id(check))
    found.items[:] = [i for i in found.items if id(i) not in answered]


def _guards(view: View) -> list[tuple[WebRoute, Defined]]:
    pairs: list[tuple[WebRoute, Defined]] = []
    for whole in view.source.nodes("decorated_definition"):
        route = route_of(view, whole)
        for decorator in decorators(whole) if route is not None else ():
            meaning = view.evaluator.of(view.source, callee_of(decorator) or decorator)
            if route is not None and isinstance(meaning, Defined):
                pairs.append((route, meaning))
    for call in view.source.nodes("call"):
        callee = callee_of(call)
        if callee is None or view.source.text(callee).rpartition(".")[2] not in ("Depends", "Security"):
            continue
        given = view.evaluator.arguments(view.place(call)).get(0)
        meaning = view.evaluator.meaning(given) if isinstance(given, Place) else None
        outer = enclosing(call, ("decorated_definition",))
        route = route_of(view, outer) if outer is not None else None
        if route is not None and isinstance(meaning, Defined):
            pairs.append((route, meaning))
    return pairs
