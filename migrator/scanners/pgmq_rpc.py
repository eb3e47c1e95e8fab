"""Supabase's queues over its REST interface: `client.schema("pgmq_public").rpc("send", { queue_name, message })`, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import Enqueue, Worker
from migrator.scanners.linking import Instance, Meaning, Member, Place
from migrator.scanners.reading import Call
from migrator.syntax.source import span
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
