"""QStash without its SDK: `fetch("https://qstash.upstash.io/v2/publish/…", { headers: { "Upstash-Delay": … } })`, `requests.post(…)`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from migrator.jobs import Literal, Options
from migrator.regex import regex
from migrator.scanners.addresses import Address, Part, address, parts, read_parts
from migrator.scanners.linking import Place
from migrator.scanners.qstash_messages import enqueue, schedule
from migrator.scanners.reading import Call, View
from migrator.systems.qstash import HEADERS, HOST, PUBLISH

#: a variable that holds the service's address
_VARIABLE = regex(r"\$\{[^}]*qstash\w*url[^}]*\}", re.IGNORECASE)
#: the queue in the address of one
_QUEUE = regex(r"/v[12]/enqueue/([^/]+)/")
#: methods of requests that put nothing on its way
_IDLE = frozenset(("GET", "DELETE", "HEAD"))


def posted(call: Call) -> None:
    """A request to the service's HTTP interface, by whatever library; any other request is none of ours."""
    view = call.view
    target = next((call.arguments[k] for k in (0, "url") if k in call.arguments), None)
    if target is None:
        return
    entries = view.evaluator.entries(target)
    options = entries if "url" in entries else _options(call)
    pieces = parts(view.evaluator, entries.get("url", target))
    shown = "".join(map(_shown, pieces))
    variable = _VARIABLE.search(shown)
    if not (HOST.search(shown) or variable) or view.evaluator.text(options.get("method")).upper() in _IDLE:
        return
    # Where no verb can be seen, the variable holds it too.
    verb = PUBLISH.search(shown) or variable
    if verb is not None:
        queue = _QUEUE.search(shown)
        form = "enqueue" if queue is not None else "publish" if verb is variable else verb[1]
        _add(call, form, queue[1] if queue is not None else "", _after(pieces, (queue or verb).end()), options)


def _options(call: Call) -> dict[str, Place]:
    """What stands beside the address: `{ headers, body }` of `fetch`; body and `{ headers }` apart with axios."""
    evaluator = call.view.evaluator
    if call.view.source.is_python:
        return {k: v for k, v in call.arguments.items() if isinstance(k, str)}
    second, third = call.arguments.get(1), call.arguments.get(2)
    if third is not None and second is not None:
        return evaluator.entries(third) | {"body": second}
    return evaluator.entries(second) if second is not None else {}


def _shown(part: Part) -> str:
    return part.text if part.known else "${" + part.text + "}"


def _after(pieces: Sequence[Part], end: int) -> list[Part]:
    """What of an address stands behind its first `end` characters, as it is shown."""
    found, seen = [], 0
    for piece in pieces:
        length = len(_shown(piece))
        if seen >= end:
            found.append(piece)
        elif seen + length > end:
            found.append(Part(piece.text[end - seen :], piece.known, piece.open))
        seen += length
    return found


def _add(call: Call, verb: str, queue: str, rest: Sequence[Part], given: Mapping[str, Place]) -> None:
    view = call.view
    options = _headers(view, given.get("headers"))
    found = Address("") if verb == "batch" else read_parts(rest)
    if queue:
        options["queueName"] = Literal(queue)
    # A group of URLs is no address.
    name = found.name if found.host or found.path.count("/") != 1 or not rest or not rest[0].known else found.path.strip("/")
    body = given.get("body") or given.get("data") or given.get("json") or given.get("content")
    cron = options.pop("cron", None)
    if verb == "schedules" and not name:
        # The destination may also stand in what is sent.
        found = address(view.evaluator, _sent(view, body).get("destination"))
        name = found.name
    if cron is not None:
        view.add(schedule(call, name, found, cron, options, body))
    elif verb != "schedules":
        view.add(enqueue(call, f"http {verb}", name, found, options, body))


def _sent(view: View, body: Place | None) -> Mapping[str, Place]:
    """The entries of what is sent, also where it is made a text first."""
    if body is None:
        return {}
    inner = view.evaluator.arguments(body).get(0) if body.node.type in ("call_expression", "call") else None
    return view.evaluator.entries(inner if isinstance(inner, Place) else body)


def _headers(view: View, place: Place | None) -> Options:
    """The options that request headers stand for, by the names that the SDK gives them."""
    entries = view.evaluator.entries(place) if place is not None else {}
    return {HEADERS[k.lower()]: view.value(v) for k, v in entries.items() if k.lower() in HEADERS}
