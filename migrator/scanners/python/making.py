"""Recording a client where code makes one: under the name that it is given."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Client
from migrator.scanners.python.assignments import assigned_name, statement_of
from migrator.scanners.reading import Call
from migrator.syntax.source import span


def add_client(call: Call, system: str, role: str, whole: Node | None = None) -> None:
    """Record the client that `call` makes. `whole`: the expression around it that is kept, such as `await make()`."""
    view, kept = call.view, whole or call.node
    symbol = assigned_name(view.source, kept)
    view.add(
        Client(
            **call.common(system),
            name=symbol or view.around(call.node) or system,
            symbol=symbol,
            module=view.module,
            definition=span(statement_of(kept)),
            role=role,
            options={str(k): view.value(v) for k, v in call.arguments.items()},
        )
    )
