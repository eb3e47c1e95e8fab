"""Inngest (SDK versions 1 to 4) in TypeScript and JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from migrator.jobs import Client, Span
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.inngest_endpoints import connected, created_server, fastify_plugins, served
from migrator.scanners.typescript.inngest_events import posted, sent, step_calls
from migrator.scanners.typescript.inngest_functions import defined, scheduled
from migrator.scanners.typescript.inngest_liveness import link
from migrator.scanners.typescript.inngest_settings import settings
from migrator.scanners.typescript.statements import holder
from migrator.systems.inngest import MODULES, SYSTEM, slug

NAME = SYSTEM.name
_CLIENT = "inngest.Inngest()"


def read(call: Call) -> None:
    """Sort one call of the SDK's API."""
    action = _ACTIONS.get(call.key)
    if action is not None:
        action(call)
    elif call.key.endswith(".serve") and call.key.startswith("inngest/"):
        served(call)


def _client(call: Call) -> None:
    """`new Inngest({ id })`, and version 2's `new Inngest({ name })`."""
    view = call.view
    entries = view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    symbol, statement = _holder(call)
    name = view.evaluator.text(entries.get("id")) or slug(view.evaluator.text(entries.get("name")))
    view.add(
        Client(
            **call.common(NAME),
            name=name or symbol,
            symbol=symbol,
            module=view.module,
            definition=statement,
            role="app",
            options=view.options(call.arguments.get(0)),
        )
    )


def _holder(call: Call) -> tuple[str, Span]:
    """The client's name, also where a function of the project is handed it and gives it back: `const inngest = traced(new Inngest(…))`."""
    view, node = call.view, call.node
    symbol, statement = holder(view.source, node)
    arguments = node.parent
    outer = arguments.parent if not symbol and arguments is not None and arguments.type == "arguments" else None
    if outer is not None and view.evaluator.of(view.source, outer).key == _CLIENT:
        return holder(view.source, outer)
    return symbol, statement


def _whole_file(view: View) -> None:
    """What no call of the SDK gives away."""
    if view.source.is_python:
        return
    step_calls(view)
    posted(view)
    fastify_plugins(view)
    settings(view)


_ACTIONS: dict[str, Callable[[Call], None]] = {
    "inngest.Inngest": _client,
    f"{_CLIENT}.createFunction": defined,
    "inngest.createFunction": defined,
    f"{_CLIENT}.createStepFunction": defined,
    "inngest.createStepFunction": defined,
    f"{_CLIENT}.createScheduledFunction": scheduled,
    "inngest.createScheduledFunction": scheduled,
    f"{_CLIENT}.send": sent,
    "inngest/connect.connect": connected,
    "inngest/node.createServer": created_server,
}

READER = Reader(
    system=NAME,
    markers=(b"inngest", b"INNGEST_", b"inn.gs/e/", b"tep.sendEvent("),
    packages=MODULES,
    call=read,
    file=_whole_file,
    finish=link,
    telltales=frozenset(("send", "createFunction")),
)
