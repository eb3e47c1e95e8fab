"""What is handed to QStash: `publish`, `enqueue`, `batch` and `schedules.create`, with every address that a call names."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Enqueue, Literal, Options, Setting, Value
from migrator.scanners.addresses import Address, address
from migrator.scanners.linking import Instance, Place
from migrator.scanners.qstash_messages import enqueue, schedule
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.factory_jobs import made_by_factory
from migrator.scanners.typescript.mapped import mapped
from migrator.scanners.typescript.qstash_routes import defined
from migrator.systems.qstash import SYSTEM

NAME = SYSTEM.name
_DESTINATIONS = ("url", "urlGroup", "topic", "api", "destination")


def published(call: Call) -> None:
    """`publishJSON({ url, … })` and its like; with `cron`, the first versions' way to make a schedule."""
    request = call.arguments.get(0)
    entries = call.view.evaluator.entries(request) if request is not None else {}
    if "cron" in entries:
        _scheduled(call, entries, entries.get("url") or entries.get("topic"))
        return
    call.view.add(requested(call, _method(call), entries, request, queue=_queue(call)))


def batched(call: Call) -> None:
    """`batchJSON([{ url, … }, …])`: one enqueue for each destination that the list names."""
    requests = mapped(call.view.evaluator, call.arguments.get(0))
    found = [requested(call, _method(call), call.view.evaluator.entries(r), r) for r in requests]
    if not found:
        found = [requested(call, _method(call), {}, call.arguments.get(0))]
    call.view.add(*{item.name: item for item in found}.values())


def scheduled(call: Call) -> None:
    """`schedules.create({ destination, cron, … })`."""
    request = call.arguments.get(0)
    entries = call.view.evaluator.entries(request) if request is not None else {}
    _scheduled(call, entries, entries.get("destination"))


def configured(call: Call) -> None:
    """`queue({ queueName }).upsert({ parallelism })` and `urlGroups.addEndpoints({ name, endpoints })`."""
    entries = call.view.evaluator.entries(call.arguments[0]) if 0 in call.arguments else {}
    queue = _queue(call)
    name = call.view.evaluator.text(entries.get("name")) or (str(queue.value) if isinstance(queue, Literal) else "")
    call.view.add(
        Setting(**call.common(NAME), name=name or _method(call), value=call.view.value(call.arguments[0]) if 0 in call.arguments else None)
    )


def requested(call: Call, form: str, entries: Mapping[str, Place], request: Place | None, *, queue: Value | None = None) -> Enqueue:
    """One message of the SDK: `entries` are those of the request, `queue` what the call itself says of the queue."""
    name, place = destination(call.view, entries)
    made = made_by_factory(call) if call.via and not name else None
    if made is not None:
        name = made.name
        defined(made)
    options: Options = {k: call.view.value(v) for k, v in entries.items() if k != "body"} | callbacks(call.view, entries)
    return enqueue(call, form, name, place, options, entries.get("body") or (request if not entries else None), queue)


def destination(view: View, entries: Mapping[str, Place]) -> tuple[str, Address]:
    """(what a message's destination is called, its address) for a URL, a group of URLs, or one of the service's own."""
    key = next((k for k in _DESTINATIONS if k in entries), "")
    if not key:
        return "", Address("")
    place = entries[key]
    if key in ("urlGroup", "topic"):
        return view.evaluator.text(place), Address("")
    if key == "api":
        named = view.evaluator.entries(place).get("name")
        return view.evaluator.text(named) or "api", Address("")
    found = address(view.evaluator, place)
    return found.name, found


def callbacks(view: View, entries: Mapping[str, Place]) -> Options:
    """The paths to which the outcome of a message is sent."""
    found = {f"{key}Path": address(view.evaluator, entries[key]).path for key in ("callback", "failureCallback") if key in entries}
    return {key: Literal(path) for key, path in found.items() if path}


def _scheduled(call: Call, entries: Mapping[str, Place], target: Place | None) -> None:
    view = call.view
    found = address(view.evaluator, target)
    options: Options = {k: view.value(v) for k, v in entries.items() if k not in ("body", "cron")} | callbacks(view, entries)
    cron = view.value(entries["cron"]) if "cron" in entries else None
    view.add(schedule(call, found.name or view.evaluator.text(target), found, cron, options, entries.get("body")))


def _method(call: Call) -> str:
    """The SDK's method, whatever wraps it."""
    return call.key.rpartition(".")[2]


def _queue(call: Call) -> Value | None:
    """`mail` of `client.queue({ queueName: "mail" }).enqueueJSON(…)`."""
    made = call.receiver
    given = call.view.evaluator.arguments(made.call).get(0) if isinstance(made, Instance) and made.call is not None else None
    if not isinstance(given, Place):
        return None
    name = call.view.evaluator.entries(given).get("queueName")
    return call.view.value(name) if name is not None else None
