"""Inngest's Python SDK. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.jobs import Client
from migrator.scanners.python import inngest_endpoints, inngest_events, inngest_functions, inngest_settings, passing
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.python.inngest_terms import CLIENT, CREATES, PACKAGE, SYSTEM
from migrator.scanners.reading import Call, Reader, View
from migrator.syntax.source import span


def _call(call: Call) -> None:
    if call.key == CLIENT:
        _client(call)
    elif call.key in CREATES:
        inngest_functions.read(call)
    else:
        any(read(call) for read in (inngest_events.read, inngest_endpoints.read))


def _client(call: Call) -> None:
    """`inngest.Inngest(app_id=…)`."""
    view = call.view
    given = passing.named(call.inner, ())
    symbol = assigned_name(view.source, call.node).rpartition(".")[2]
    view.add(
        Client(
            **call.common(SYSTEM),
            name=view.evaluator.text(given.get("app_id")) or symbol,
            symbol=symbol,
            module=view.module,
            definition=span(statement_of(call.node)),
            role="app",
            options={k: view.value(v) for k, v in given.items()},
        )
    )


def _file(view: View) -> None:
    inngest_events.read_file(view)
    inngest_settings.read_file(view)


READER = Reader(
    system=SYSTEM,
    markers=(b"inngest", b"INNGEST_", b"inn.gs/e/", b"step.send_event("),
    packages=(PACKAGE,),
    call=_call,
    file=_file,
    finish=inngest_endpoints.link,
    telltales=frozenset(("create_function", "send", "send_sync")),
)
