"""Where Inngest reaches a Python application: `serve` for a framework, and `connect`; and which functions each of them lists."""

from __future__ import annotations

import msgspec

from migrator.jobs import Endpoint, Job, Literal, Location, Worker
from migrator.scanners.found import Found
from migrator.scanners.linking import Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import passing
from migrator.scanners.python.functions import function_of
from migrator.scanners.python.inngest_terms import CONNECT, FRAMEWORKS, SYSTEM
from migrator.scanners.reading import Call
from migrator.syntax.source import span

_PARTIAL = "not all functions that it lists could be followed"
_Listed = tuple[tuple[str, ...], tuple[Location, ...], bool]


def read(call: Call) -> bool:
    """Record `serve(app, client, functions)` and `connect([(client, functions)])`; False for any other call."""
    module, _, name = call.key.rpartition(".")
    if name == "serve" and module in FRAMEWORKS:
        first = () if module in ("inngest.django", "inngest.digital_ocean") else ("app",)
        given = passing.named(call.inner, (*first, "client", "functions"))
        serves, listed, whole = _functions(call, given.get("functions"))
        call.view.add(
            Endpoint(
                **call.common(SYSTEM),
                name="serve",
                serves=serves,
                listed=listed,
                definition=span(call.node),
                options={"framework": Literal(FRAMEWORKS[module])},
                confidence="certain" if whole else "likely",
                reason="" if whole else _PARTIAL,
            )
        )
        return True
    if call.key not in CONNECT:
        return False
    _connected(call)
    return True


def _connected(call: Call) -> None:
    """`connect([(client, functions), …])`: a process that holds a connection to the server."""
    evaluator = call.view.evaluator
    apps = passing.named(call.inner, ("apps",)).get("apps")
    serves: list[str] = []
    found = elements(evaluator, apps) if apps is not None else None
    missing = found is None or bool(found.unknown)
    for app in found.known if found is not None else ():
        meaning = evaluator.meaning(app)
        functions = meaning.entries.get("1") if isinstance(meaning, Structure) else None
        keys, _, whole = _functions(call, functions)
        serves += keys
        missing = missing or not whole
    call.view.add(
        Worker(
            **call.common(SYSTEM),
            name="connect",
            queues=tuple(serves),
            entry=span(call.node),
            confidence="likely" if missing else "certain",
            reason=_PARTIAL if missing else "",
        )
    )


def _functions(call: Call, place: Place | None) -> _Listed:
    """(keys of the functions in a list, where each stands, whether these are all)."""
    view = call.view
    if place is None:
        view.unresolved(call.node, "the list of functions could not be found", SYSTEM)
        return (), (), False
    found = elements(view.evaluator, place)
    pairs = [(function_of(view.evaluator, view.evaluator.meaning(e)), e) for e in found.known]
    keys = tuple(f.job for f, _ in pairs if f is not None)
    whole = not found.unknown and len(keys) == len(pairs)
    if not whole:
        view.unresolved(call.node, "some functions in this list could not be found", SYSTEM)
    return keys, tuple(e.source.location(e.node) for f, e in pairs if f is not None), whole


def link(found: Found) -> None:
    """Say of each function whether some list has it: None where a list could not be followed to its end, or where there is none."""
    listed: set[str] = set()
    whole: list[bool] = []
    for item in found.items:
        if item.system == SYSTEM and item.language == "python" and not item.area and isinstance(item, Endpoint | Worker):
            listed.update(item.serves if isinstance(item, Endpoint) else item.queues)
            whole.append(item.confidence == "certain")
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == SYSTEM and item.language == "python":
            live = True if f"{item.module}:{item.symbol}" in listed else False if whole and all(whole) else None
            found.items[index] = msgspec.structs.replace(item, live=live)
