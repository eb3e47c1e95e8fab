"""The routes that QStash calls: behind the SDK's `verifySignature…`, or a signature that is checked by hand, at any distance."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Endpoint, Expression, Item, Job, Literal, Location, Retry, Trigger
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.factory_jobs import Made
from migrator.scanners.typescript.handlers import function_of, handler_at
from migrator.scanners.typescript.routes import Route, exported, route_at
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field
from migrator.systems.qstash import SIGNATURE, SYSTEM

NAME = SYSTEM.name
#: what a definition is called by, where it is found by the check of the signature alone
BY_HAND = "signature checked by hand"
_UNTIED = "a signature of QStash is checked here, but the route could not be told"


def wrapped(call: Call) -> None:
    """`verifySignatureAppRouter(handler)` and its like for other frameworks: the route whose handler it is."""
    view, handler = call.view, call.arguments.get(0)
    route = route_at(view, call.node)
    symbol, statement = holder(view.source, call.node) if not call.via else ("", span(call.node))
    function = function_of(view, handler)
    # Within a function it is a wrapper of one's own, which callers hand their handlers to.
    fallback = "" if enclosing(call.node, FUNCTIONS) is not None else symbol or view.source.path
    name = route.path if route is not None else fallback
    form = call.key.rpartition(".")[2]
    common = call.common(NAME)
    job = _job(view, name, form, function, common["location"], symbol if route is None or not route.export else route.export)
    view.add(msgspec.structs.replace(job, via=call.via, definition=statement))
    view.add(Endpoint(**common, name=form if name else "", serves=(name,) if name else (), definition=statement))


def checked(call: Call) -> None:
    """`receiver.verify({ signature, body })`: the route of which the check is a part, in however many functions between."""
    view = call.view
    route = route_at(view, call.node)
    if route is not None and route.export == "GET":
        # The service sends a POST: what answers a GET shares its wrapper with a route of another kind.
        return
    common = call.common(NAME)
    symbol, statement = holder(view.source, call.node)
    if route is None and call.via and symbol and enclosing(call.node, FUNCTIONS) is None:
        # A handler that is wrapped here and served from elsewhere.
        handler = next((p for p in view.evaluator.arguments(call.place).values() if isinstance(p, Place)), None)
        job = _job(view, symbol, BY_HAND, function_of(view, handler), common["location"], symbol)
        view.add(msgspec.structs.replace(job, via=call.via, definition=statement))
        view.add(Endpoint(**common, name=call.via[0], serves=(symbol,), definition=statement))
        return
    if route is None:
        view.add(Job(**common, name="", form=BY_HAND), Endpoint(**common, name=""))
        return
    # What wraps a handler stands for it itself; of what a handler calls the handler is the job.
    wraps = enclosing(call.node, FUNCTIONS) is None
    add_route(view, replace(route, at=call.name) if wraps else route, via=call.via)


def signatures(view: View) -> None:
    """A route that reads the header with the signature, and checks it with whatever it likes."""
    if view.source.is_python or SIGNATURE.encode() not in view.source.data.lower():
        return
    for node in view.source.nodes("string"):
        if view.source.text(node)[1:-1].lower() != SIGNATURE or enclosing(node, FUNCTIONS) is None:
            continue
        route = route_at(view, node)
        if route is not None and route.export != "GET":
            add_route(view, route)


def add_route(view: View, route: Route, *, via: tuple[str, ...] = (), doubt: str = "", form: str = BY_HAND) -> None:
    """Record the route as a job and as an endpoint."""
    location = view.source.location(route.at)
    handler = route.handler or route.at
    job = _job(view, route.path, form, _function(view, handler), location, route.export)
    confidence = "likely" if doubt else "certain"
    view.add(msgspec.structs.replace(job, via=via, confidence=confidence, reason=doubt))
    endpoint = Endpoint(**view.common(NAME, location), name=route.export or route.path, serves=(route.path,), definition=span(route.at))
    view.add(msgspec.structs.replace(endpoint, via=via, confidence=confidence, reason=doubt))


def defined(made: Made) -> None:
    """Record a job that a function of the project makes and that one route runs together with others."""
    view, node = made.view, made.call.node
    symbol, statement = holder(view.source, node)
    callee = callee_of(node)
    location = view.source.location(node, at=field(callee, "property") or callee)
    job = _job(view, made.name, "factory", function_of(view, made.handler), location, symbol)
    view.add(msgspec.structs.replace(job, definition=statement))


def drop_untied(items: list[Item], view_of: dict[str, View]) -> None:
    """Routes that nothing could be told of are loose ends, and no jobs."""
    kept: list[Item] = []
    for item in items:
        if item.system == NAME and isinstance(item, Job | Endpoint) and not item.name:
            view = view_of.get(item.location.path)
            if isinstance(item, Job) and view is not None and not item.wrapper:
                view.unresolved(view.source.root.descendant_for_byte_range(*_range(item.location)) or view.source.root, _UNTIED, NAME)
            continue
        kept.append(item)
    items[:] = kept


def route_of_destination(view: View, names: tuple[str, ...]) -> Route | None:
    """The route of a file that answers what is sent to it."""
    return next((route for name in names if (route := exported(view, name)) is not None), None)


def _range(location: Location) -> tuple[int, int]:
    return location.span.start, location.span.end


def _function(view: View, node: Node) -> Place | None:
    """The function around, or at, the place where a route is made."""
    if node.type in FUNCTIONS:
        return view.place(node)
    parent = node.parent
    if parent is not None and parent.type in FUNCTIONS:
        return view.place(parent)
    meaning = view.evaluator.of(view.source, node)
    if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
        return meaning.place
    return function_of(view, view.place(node))


def _job(view: View, name: str, form: str, function: Place | None, location: Location, symbol: str) -> Job:
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    return Job(
        **view.common(NAME, location),
        name=name,
        symbol=symbol,
        module=view.module,
        form=form,
        handler=handler_at(function),
        triggers=(Trigger("direct", Literal(name) if name else Expression("")),),
        retry=Retry(Literal(facts.default_attempts), facts.backoff),
        acknowledgement="late",
    )
