"""Supabase's queues over its REST interface: `client.schema("pgmq_public").rpc("send", { queue_name, message })`, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from migrator.jobs import Enqueue, Worker
from migrator.scanners.found import Found
from migrator.scanners.linking import Instance, Meaning, Member, Place
from migrator.scanners.reading import Call, View
from migrator.scanners.sql.pgmq import Wrapper
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, field
from migrator.systems.pg_cron import PGMQ_READS, PGMQ_SENDS, SYSTEM

NAME = SYSTEM.name
_SCHEMA = "pgmq_public"


def called(call: Call) -> None:
    """Sort one call of `rpc`; those of other schemas are none of ours."""
    view = call.view
    verb = view.evaluator.text(call.arguments.get(0))
    if verb not in (*PGMQ_SENDS, *PGMQ_READS) or not _is_queues(call):
        return
    given = view.evaluator.entries(call.arguments[1]) if 1 in call.arguments else {}
    name = view.evaluator.text(given.get("queue_name"))
    if verb in PGMQ_READS:
        view.add(Worker(**call.common(NAME), name=name, queues=(name,) if name else (), entry=span(call.node)))
    else:
        view.add(_enqueue(call, verb, name, given))


def _enqueue(call: Call, verb: str, name: str, given: Mapping[str, Place]) -> Enqueue:
    view, receiver = call.view, call.receiver_node
    message = given.get("message") or given.get("messages")
    return Enqueue(
        **call.common(NAME),
        name=name,
        form=f"rpc {verb}",
        call=span(call.node),
        receiver=span(receiver) if receiver is not None else None,
        arguments=(view.argument(message),) if message is not None else (),
        delay=view.value(given["sleep_seconds"]) if "sleep_seconds" in given else None,
        queue=view.value(given["queue_name"]) if "queue_name" in given else None,
        awaited=view.awaited(call.node),
        in_loop=view.in_loop(call.node),
        inside=view.around(call.node),
        result_used=view.result_used(call.node),
    )


def _is_queues(call: Call) -> bool:
    """True if the client was narrowed to the schema of the queues, or made for it."""
    meaning: Meaning | None = call.receiver
    if meaning is None and isinstance(call.callee, Member):
        meaning = call.callee.of
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.call is not None and _names_schema(call, meaning.call):
            return True
        meaning = meaning.of
    # What a function was handed is told by its own text alone.
    receiver = call.receiver_node
    return receiver is not None and _SCHEMA in call.view.source.text(receiver)


def _names_schema(call: Call, made: Place) -> bool:
    evaluator = call.view.evaluator
    for place in evaluator.arguments(made).values():
        if not isinstance(place, Place):
            continue
        if evaluator.text(place) == _SCHEMA:
            return True
        options = evaluator.entries(place)
        database = evaluator.entries(options["db"]) if "db" in options else {}
        if evaluator.text(database.get("schema")) == _SCHEMA:
            return True
    return False


def read_callers(
    wrappers: Mapping[str, Wrapper], view_of: Callable[[str], View], data_of: Callable[[str], bytes], paths: Iterable[str]
) -> None:
    """Record calls of functions of the database that put messages on queues: `client.rpc("enqueue_email", { queue_name: "mails" })`."""
    names = [f"{quote}{name}{quote}".encode() for name in wrappers for quote in ("'", '"')]
    for path in paths if names else ():
        data = data_of(path)
        if b"rpc(" not in data or not any(name in data for name in names):
            continue
        view = view_of(path)
        for node in view.source.nodes("call_expression", "call"):
            function = callee_of(node)
            name = field(function, "property") or field(function, "attribute")
            given = view.evaluator.arguments(view.place(node)) if name is not None and view.source.text(name) == "rpc" else {}
            first, second = given.get(0), given.get(1)
            if function is None or name is None or not isinstance(first, Place):
                continue
            wrapper = wrappers.get(view.evaluator.text(first))
            if wrapper is None:
                continue
            callee = view.evaluator.of(view.source, function)
            call = Call(view, node, callee, callee.key, name, view.place(node), via=(view.evaluator.text(first),))
            entries = view.evaluator.entries(second) if isinstance(second, Place) else {}
            queue = view.evaluator.text(entries.get(wrapper.parameter))
            if wrapper.verb in PGMQ_READS:
                view.add(Worker(**call.common(NAME), name=queue, queues=(queue,) if queue else (), entry=span(node)))
            else:
                view.add(_enqueue(call, wrapper.verb, queue, {**entries, "queue_name": entries[wrapper.parameter]} if queue else entries))
        view.source.forget()


def hide_wrappers(found: Found, wrappers: Mapping[str, Wrapper]) -> None:
    """Of a function of the database that others send through its callers are listed, not its inside."""
    called = {item.via[0] for item in found.items if item.system == NAME and item.via and item.via[0] in wrappers}
    for index, item in enumerate(found.items):
        if isinstance(item, Enqueue) and item.system == NAME and item.language == "sql" and not item.name and item.inside in called:
            found.items[index] = msgspec.structs.replace(item, wrapper=True)
