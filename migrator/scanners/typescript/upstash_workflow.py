"""Upstash Workflow in TypeScript and JavaScript: `serve(async (context) => …)`, its steps, and what triggers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.jobs import Client, Endpoint, Enqueue, Item, Job, Literal, Options, Retry, Trigger
from migrator.scanners.linking import Instance, Place
from migrator.scanners.qstash_messages import path_option
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.mapped import mapped
from migrator.scanners.typescript.qstash_enqueues import destination
from migrator.scanners.typescript.routes import route_at
from migrator.scanners.typescript.statements import holder
from migrator.scanners.typescript.upstash_workflow_steps import steps_of
from migrator.syntax.source import span
from migrator.systems.qstash import max_attempts, seconds
from migrator.systems.upstash_workflow import MODULES, SYSTEM

NAME = SYSTEM.name
#: what makes a workflow out of a function; the rest of the name says for which framework
_SERVES = ("serve", "servePagesRouter", "createWorkflow", "createWorkflowPagesRouter")


def read(call: Call) -> None:
    """Sort one call of the SDK's API."""
    package, _, path = call.key.partition(".")
    path = path.removeprefix("default.")
    if package not in MODULES:
        return
    if path in _SERVES:
        _workflow(call, path)
    elif path in ("serveMany", "serveManyPagesRouter"):
        _many(call)
    elif path in _ACTIONS and (package.startswith("@upstash/workflow") or package.endswith("/workflow")):
        _ACTIONS[path](call)


def _workflow(call: Call, form: str) -> None:
    view, handler = call.view, call.arguments.get(0)
    route = route_at(view, call.node) if form.startswith("serve") else None
    symbol, statement = holder(view.source, call.node) if not call.via else ("", span(call.node))
    body = handler_of(view, handler)
    if body is None and route is None and form.startswith("serve"):
        # A wrapper of one's own, which callers hand their workflows to.
        name = ""
    else:
        name = route.path if route is not None else symbol or view.around(call.node) or view.source.path
    options = view.options(call.arguments.get(1))
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    common = call.common(NAME)
    written = options.get("retries")
    attempts = max_attempts(written) if written is not None else Literal(facts.default_attempts)
    failure = call.view.evaluator.entries(call.arguments[1]).get("failureFunction") if 1 in call.arguments else None
    view.add(
        Job(
            **common,
            name=name,
            symbol=route.export if route is not None and route.export else symbol,
            module=view.module,
            definition=statement,
            form=form,
            handler=body,
            triggers=(Trigger("direct", Literal(name)),),
            retry=Retry(attempts, facts.backoff, explicit=written is not None),
            concurrency=options.get("flowControl"),
            acknowledgement="late",
            failure_handler=span(failure.node) if failure is not None else None,
            steps=steps_of(view, handler),
            options=options,
        )
    )
    if form.startswith("serve"):
        view.add(Endpoint(**common, name=form if name else "", serves=(name,) if name else (), definition=statement))


def _many(call: Call) -> None:
    """`serveMany({ name: workflow, … })`: one route for several workflows."""
    listed = call.view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    route = route_at(call.view, call.node)
    serves = tuple(_symbol(call, place) or key for key, place in listed.items() if key != "...")
    options: Options = {"route": Literal(route.path)} if route is not None else {}
    call.view.add(
        Endpoint(
            **call.common(NAME),
            name="serveMany",
            serves=serves,
            listed=tuple(p.source.location(p.node) for k, p in listed.items() if k != "..."),
            options=options,
        )
    )


def _symbol(call: Call, place: Place) -> str:
    """`path:name` of a workflow that a list names."""
    meaning = call.view.evaluator.meaning(place)
    if not isinstance(meaning, Instance) or meaning.call is None:
        return ""
    symbol, _ = holder(meaning.call.source, meaning.call.node)
    return f"{meaning.call.source.path}:{symbol}" if symbol else ""


def _client(call: Call) -> None:
    view = call.view
    symbol, statement = holder(view.source, call.node)
    common = call.common(NAME)
    options = view.options(call.arguments.get(0))
    view.add(
        Client(**common, name=symbol or "client", symbol=symbol, module=view.module, definition=statement, role="client", options=options)
    )


def _triggered(call: Call) -> None:
    """`client.trigger({ url, body, … })`, of one workflow or of a list: one enqueue for each that is named."""
    requests = mapped(call.view.evaluator, call.arguments.get(0))
    entries = [call.view.evaluator.entries(r) for r in requests] or [{}]
    found: list[Item] = [_enqueue(call, e) for e in entries]
    call.view.add(*{item.name: item for item in found}.values())


def _enqueue(call: Call, entries: Mapping[str, Place]) -> Enqueue:
    view, receiver = call.view, call.receiver_node
    name, place = destination(view, entries)
    options: Options = {k: view.value(v) for k, v in entries.items() if k != "body"}
    return Enqueue(
        **call.common(NAME),
        name=name,
        form="trigger",
        call=span(call.node),
        receiver=span(receiver) if receiver is not None else None,
        arguments=(view.argument(entries["body"]),) if "body" in entries else (),
        options=options | path_option(place),
        delay=seconds(options.get("delay")),
        eta=options.get("notBefore"),
        dedupe=options.get("workflowRunId"),
        max_attempts=max_attempts(options["retries"]) if "retries" in options else None,
        awaited=view.awaited(call.node),
        in_loop=view.in_loop(call.node),
        inside=view.around(call.node),
        result_used=view.result_used(call.node),
    )


_ACTIONS: dict[str, Callable[[Call], None]] = {"Client": _client, "Client().trigger": _triggered}

READER = Reader(
    system=NAME,
    markers=(b"@upstash/workflow", b"@upstash/qstash"),
    packages=MODULES,
    call=read,
    telltales=frozenset(("trigger",)),
)
