"""Where Inngest reaches the application: `serve` for a framework, and `connect`; and the functions that each lists."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Endpoint, Literal, Location, Worker
from migrator.scanners.linking import Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.inngest_keys import function_key
from migrator.scanners.typescript.statements import holder
from migrator.syntax.certainty import open_parts
from migrator.syntax.tree import field
from migrator.systems.inngest import FRAMEWORKS, SYSTEM

NAME = SYSTEM.name
_MAKE = frozenset(("createFunction", "createScheduledFunction"))
_PARTIAL = "not all functions that it lists could be followed"


def served(call: Call) -> None:
    """`serve({ client, functions })`; version 2: `serve(client, functions, options)`."""
    functions = call.arguments.get(1) or call.view.evaluator.entries(call.arguments[0]).get("functions") if 0 in call.arguments else None
    _endpoint(call.view, call.node, "serve", call.key.partition(".")[0], functions, call.location)


def created_server(call: Call) -> None:
    """`createServer({ client, functions })` of `inngest/node`."""
    functions = call.view.evaluator.entries(call.arguments[0]).get("functions") if 0 in call.arguments else None
    _endpoint(call.view, call.node, "createServer", "inngest/node", functions, call.location)


def fastify_plugins(view: View) -> None:
    """`fastify.register(inngestFastify, { client, functions })`."""
    for node in view.source.nodes("call_expression"):
        name = field(node, "function", "property")
        if name is None or view.source.text(name) != "register":
            continue
        given = view.evaluator.arguments(view.place(node))
        plugin, options = given.get(0), given.get(1)
        if isinstance(plugin, Place) and view.evaluator.meaning(plugin).key in ("inngest/fastify.default", "inngest/fastify.fastifyPlugin"):
            functions = view.evaluator.entries(options).get("functions") if isinstance(options, Place) else None
            _endpoint(view, node, "register", "inngest/fastify", functions, view.source.location(node, at=name))


def connected(call: Call) -> None:
    """`connect({ apps: [{ client, functions }] })`: a worker process that holds a connection to the server."""
    view = call.view
    apps = view.evaluator.entries(call.arguments[0]).get("apps") if 0 in call.arguments else None
    lists = [view.evaluator.entries(app).get("functions") for app in elements(view.evaluator, apps).known] if apps is not None else [None]
    serves: list[str] = []
    missing = not lists
    for functions in lists:
        keys, _, whole = _listed(view, call.node, functions)
        serves += keys
        missing = missing or not whole
    view.add(
        Worker(
            **call.common(NAME),
            name="connect",
            queues=tuple(serves),
            options=view.options(call.arguments.get(0)),
            confidence="likely" if missing else "certain",
            reason=_PARTIAL if missing else "",
        )
    )


def _endpoint(view: View, node: Node, name: str, module: str, functions: Place | None, location: Location) -> None:
    serves, listed, whole = _listed(view, node, functions)
    view.add(
        Endpoint(
            **view.common(NAME, location),
            name=name,
            serves=serves,
            listed=listed,
            definition=holder(view.source, node)[1],
            options={"framework": Literal(FRAMEWORKS.get(module.removeprefix("inngest/"), ""))},
            confidence="certain" if whole else "likely",
            reason="" if whole else _PARTIAL,
        )
    )


def _listed(view: View, node: Node, functions: Place | None) -> tuple[tuple[str, ...], tuple[Location, ...], bool]:
    """(keys of the functions in the list, where each stands, whether these are all)."""
    if functions is None:
        view.unresolved(node, "the list of functions could not be found", NAME)
        return (), (), False
    found = elements(view.evaluator, functions)
    pairs = [(function_key(view.evaluator, e)[0], e.source.location(e.node)) for e in found.known]
    # A list that is put together bit by bit, or another one from case to case, may hold more than what stands in it.
    depends = next(open_parts(view.project, functions.source, functions.node, _MAKE), "")
    known = not found.unknown and all(key for key, _ in pairs)
    if depends:
        view.unresolved(functions.node if functions.source is view.source else node, f"what this list holds depends on `{depends}`", NAME)
    elif not known:
        view.unresolved(functions.node if functions.source is view.source else node, "some functions in this list could not be found", NAME)
    return tuple(k for k, _ in pairs if k), tuple(w for k, w in pairs if k), known and not depends
