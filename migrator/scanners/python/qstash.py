"""Upstash QStash and Upstash Workflow in Python: the SDKs, and what goes past them over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.jobs import Client, Enqueue, Item, Literal, Options, Value
from migrator.scanners.addresses import Address, address
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python.qstash_routes import checked, signatures
from migrator.scanners.qstash_http import posted
from migrator.scanners.qstash_messages import enqueue, schedule
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.qstash_links import link
from migrator.syntax.source import span
from migrator.syntax.tree import field as child
from migrator.systems.qstash import OPTIONS, SYSTEM

NAME = SYSTEM.name
_CLIENTS = ("QStash", "AsyncQStash", "Client")
_PACKAGES = ("qstash", "upstash_qstash", "qstash_python")


def read(call: Call) -> None:
    """Sort one call of the SDK's API, or a request to the service's own."""
    parts = call.key.split(".")
    if parts[0] not in _PACKAGES:
        posted(call)
        return
    # `qstash.asyncio.client.AsyncQStash` is what `qstash.AsyncQStash` is.
    names = [p for p in parts[1:] if not p.islower() or p.endswith("()") or p == parts[-1] or p in ("message", "schedule")]
    path = ".".join(names)
    if path in (*_CLIENTS, "Receiver"):
        _client(call, "receiver" if path == "Receiver" else "client")
        return
    owner, _, method = path.partition("().")
    if owner == "Receiver" and method == "verify":
        checked(call)
    elif owner in _CLIENTS and method in _ACTIONS:
        _ACTIONS[method](call)


def _client(call: Call, role: str) -> None:
    view, parent = call.view, call.node.parent
    name = child(parent, "left") if parent is not None and parent.type == "assignment" else None
    symbol = view.source.text(name).removeprefix("self.") if name is not None else ""
    options = {str(k): view.value(v) for k, v in call.arguments.items()}
    view.add(
        Client(
            **call.common(NAME),
            name=symbol or role,
            symbol=symbol,
            module=view.module,
            definition=span(call.node),
            role=role,
            options=options,
        )
    )


def _request(call: Call) -> dict[str, Place]:
    """What a message is given: by keywords, or as the one dictionary of the first SDK."""
    first = call.arguments.get(0)
    evaluator = call.view.evaluator
    listed = evaluator.entries(first) if first is not None else {}
    listed |= evaluator.entries(call.arguments["**"]) if "**" in call.arguments else {}
    return listed | {k: v for k, v in call.arguments.items() if isinstance(k, str)}


def _published(call: Call) -> None:
    call.view.add(_enqueue(call, _request(call)))


def _batched(call: Call) -> None:
    evaluator = call.view.evaluator
    first = next((call.arguments[k] for k in (0, "messages") if k in call.arguments), None)
    listed = list(evaluator.entries(first).values()) if first is not None else []
    element = _of_comprehension(first)
    requests = [evaluator.entries(p) for p in ([element] if element is not None else listed)]
    found: list[Item] = [_enqueue(call, r) for r in requests if r] or [_enqueue(call, {})]
    call.view.add(*{item.name: item for item in found}.values())


def _of_comprehension(place: Place | None) -> Place | None:
    """`{…}` of `[{…} for user in users]`."""
    body = child(place.node, "body") if place is not None and place.node.type == "list_comprehension" else None
    return Place(place.source, body, place.frame) if place is not None and body is not None else None


def _scheduled(call: Call) -> None:
    view, given = call.view, _request(call)
    target = given.get("destination")
    found = address(view.evaluator, target)
    cron = view.value(given["cron"]) if "cron" in given else None
    view.add(schedule(call, found.name or view.evaluator.text(target), found, cron, _options(call, given), given.get("body")))


def _enqueue(call: Call, given: Mapping[str, Place]) -> Enqueue:
    evaluator = call.view.evaluator
    found = address(evaluator, given.get("url"))
    group = evaluator.text(given.get("url_group")) or evaluator.text(given.get("topic"))
    named = evaluator.text(evaluator.entries(given["api"]).get("name")) if "api" in given else ""
    name = found.name if "url" in given else group or named
    place = found if "url" in given else Address("")
    return enqueue(call, call.key.rpartition(".")[2], name, place, _options(call, given), given.get("body"), _queue(call))


def _options(call: Call, given: Mapping[str, Place]) -> Options:
    """The options by the names that the TypeScript SDK and the inventory have for them."""
    return {OPTIONS.get(k, k): call.view.value(v) for k, v in given.items() if k not in ("body", "cron", "*", "**")}


def _queue(call: Call) -> Value | None:
    """`mail` of `client.queue({"queue_name": "mail"}).enqueue_json(…)`, the first SDK's way."""
    made = call.receiver
    given = call.view.evaluator.arguments(made.call).get(0) if isinstance(made, Instance) and made.call is not None else None
    name = call.view.evaluator.entries(given).get("queue_name") if isinstance(given, Place) else None
    return Literal(text) if (text := call.view.evaluator.text(name)) else None


_ACTIONS: dict[str, Callable[[Call], None]] = {
    **{f"{owner}{method}": _published for owner in ("", "message.") for method in ("publish", "publish_json", "enqueue", "enqueue_json")},
    **{f"{owner}{method}": _batched for owner in ("", "message.") for method in ("batch", "batch_json")},
    **{f"{owner}.{method}": _scheduled for owner in ("schedule", "schedules", "schedules()") for method in ("create", "create_json")},
    **{f"queue().{method}": _published for method in ("enqueue", "enqueue_json")},
}

READER = Reader(
    system=NAME,
    markers=(b"qstash", b"QSTASH", b"pstash-Signature", b"pstash-signature", b"upstash_signature"),
    packages=_PACKAGES,
    call=read,
    file=signatures,
    finish=link,
    methods=frozenset(("post", "request", "Request")),
)
