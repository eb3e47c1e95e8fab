"""Trigger.dev 2 to 4 in TypeScript and JavaScript."""

from __future__ import annotations

from migrator.jobs import Client
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript import trigger_dev_jobs, trigger_dev_tasks
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.trigger_dev import SYSTEM

NAME = SYSTEM.name
#: longest first: what stands behind one of them is the API
_PACKAGES = (
    *("@trigger.dev/sdk/v3", "@trigger.dev/sdk", "@trigger.dev/react-hooks", "@trigger.dev/react", "@trigger.dev/nextjs"),
    *("@trigger.dev/express", "@trigger.dev/remix", "@trigger.dev/sveltekit", "@trigger.dev/astro", "@trigger.dev/hono"),
)


def read(call: Call) -> None:
    """Sort one call of Trigger.dev's API."""
    package = next((p for p in _PACKAGES if call.key.startswith(f"{p}.")), "")
    path = call.key.removeprefix(f"{package}.")
    if path in ("TriggerClient", "configure"):
        _client(call)
    elif not trigger_dev_tasks.read(call, path):
        trigger_dev_jobs.read(call, path)


def _client(call: Call) -> None:
    view = call.view
    entries = view.options(call.arguments.get(0))
    symbol, _ = holder(view.source, call.node)
    name = view.evaluator.text(view.evaluator.entries(call.arguments[0]).get("id")) if 0 in call.arguments else ""
    view.add(
        Client(
            **call.common(NAME),
            name=name or symbol or "trigger.dev",
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role="app",
            options=entries,
        )
    )


READER = Reader(
    system=NAME,
    markers=(b"@trigger.dev/",),
    packages=_PACKAGES,
    call=read,
    telltales=frozenset(("trigger", "batchTrigger", "triggerAndWait", "batchTriggerAndWait", "sendEvent", "defineJob")),
)
