"""Upstash QStash in TypeScript and JavaScript: the SDK, and what goes past it over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from migrator.jobs import Client, Item
from migrator.scanners.qstash_http import posted
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.typescript.qstash_enqueues import batched, configured, published, scheduled
from migrator.scanners.typescript.qstash_links import link
from migrator.scanners.typescript.qstash_routes import checked, signatures, wrapped
from migrator.scanners.typescript.statements import holder
from migrator.systems.qstash import MODULES, SYSTEM

NAME = SYSTEM.name
_PACKAGE = "@upstash/qstash"
#: methods that only QStash's client has, told on something unknown by what they are given
_TELLTALES = frozenset(("publishJSON", "batchJSON", "enqueueJSON"))


def read(call: Call) -> None:
    """Sort one call of the SDK's API, or a request to the service's own."""
    package, _, path = call.key.partition(".")
    path = path.removeprefix("default.")
    if package not in MODULES:
        posted(call)
    elif path in _ACTIONS:
        _ACTIONS[path](call)
    elif path.startswith("verifySignature") and "()" not in path:
        wrapped(call)


def _client(call: Call) -> None:
    """`new Client({ token })` and `new Receiver({ currentSigningKey, … })`."""
    view = call.view
    symbol, statement = holder(view.source, call.node)
    role = "receiver" if call.key.endswith("Receiver") else "client"
    view.add(
        Client(
            **call.common(NAME),
            name=symbol or role,
            symbol=symbol,
            module=view.module,
            definition=statement,
            role=role,
            options=view.options(call.arguments.get(0)),
        )
    )


def _unknown(call: Call) -> None:
    """A method that only QStash has, on something that could not be followed: told by the destination that it is given."""
    before = len(call.view.found.items)
    items = call.view.found.items
    (batched if call.view.source.text(call.name) == "batchJSON" else published)(call)
    fresh: list[Item] = items[before:]
    if not any("url" in i.options or "urlGroup" in i.options or "topic" in i.options for i in fresh):
        del items[before:]
        call.view.unresolved(call.node, "what this is called on could not be followed", NAME)


def _whole_file(view: View) -> None:
    signatures(view)


_ACTIONS: dict[str, Callable[[Call], None]] = {
    "Client": _client,
    "Receiver": _client,
    "Receiver().verify": checked,
    **{f"Client().{method}": published for method in ("publish", "publishJSON")},
    **{f"Client().queue().{method}": published for method in ("enqueue", "enqueueJSON")},
    **{f"Client().{method}": batched for method in ("batch", "batchJSON")},
    "Client().schedules.create": scheduled,
    "Client().schedules().create": scheduled,
    "Client().queue().upsert": configured,
    "Client().urlGroups.addEndpoints": configured,
    "Client().topics.addEndpoints": configured,
}

READER = Reader(
    system=NAME,
    markers=(b"@upstash/qstash", b"qstash.upstash.io", b"QSTASH_URL", b"pstash-Signature", b"pstash-signature", b"Upstash-Delay"),
    packages=MODULES,
    call=read,
    file=_whole_file,
    finish=link,
    unknown=_unknown,
    telltales=_TELLTALES,
    methods=frozenset(("fetch", "post", "axios", "request", "$fetch", "ofetch", "got", "ky")),
)
