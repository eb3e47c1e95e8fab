"""Postgres' own schedules and queues from Python: SQL in code, Supabase's client, and the packages for pgmq."""

from __future__ import annotations

from migrator.jobs import Client, Enqueue, Worker
from migrator.scanners.linking import Place
from migrator.scanners.pgmq_rpc import called
from migrator.scanners.reading import Call, Reader
from migrator.scanners.sql.in_code import collect
from migrator.syntax.source import span
from migrator.systems.pg_cron import PGMQ_PACKAGES, PGMQ_READS, PGMQ_SENDS, SYSTEM

NAME = SYSTEM.name


def read(call: Call) -> None:
    """Sort one call of a pgmq package, or of Supabase's client."""
    parts = call.key.split(".")
    if parts[0] not in PGMQ_PACKAGES:
        called(call)
        return
    view, method = call.view, parts[-1]
    first = next((call.arguments[k] for k in (0, "queue", "queue_name") if k in call.arguments), None)
    name = view.evaluator.text(first)
    if method in ("create_queue", "create_partitioned_queue"):
        view.add(Client(**call.common(NAME), name=name, symbol=name, module=view.module, definition=span(call.node), role="queue"))
    elif method in PGMQ_READS:
        view.add(Worker(**call.common(NAME), name=name, queues=(name,) if name else (), entry=span(call.node)))
    elif method in PGMQ_SENDS:
        view.add(_enqueue(call, method, name, first))


def _enqueue(call: Call, method: str, name: str, queue: Place | None) -> Enqueue:
    view, receiver = call.view, call.receiver_node
    message = next((call.arguments[k] for k in (1, "message", "messages") if k in call.arguments), None)
    delay = next((call.arguments[k] for k in (2, "delay") if k in call.arguments), None)
    return Enqueue(
        **call.common(NAME),
        name=name,
        form=method,
        call=span(call.node),
        receiver=span(receiver) if receiver is not None else None,
        arguments=(view.argument(message),) if message is not None else (),
        delay=view.value(delay) if delay is not None else None,
        queue=view.value(queue) if queue is not None else None,
        awaited=view.awaited(call.node),
        in_loop=view.in_loop(call.node),
        inside=view.around(call.node),
        result_used=view.result_used(call.node),
    )


READER = Reader(
    system=NAME,
    markers=(b"pgmq", b"cron.schedule", b"cron.unschedule", b"cron.alter_job", b"cron.job", b"django_celery_beat_", b"django_q_schedule"),
    packages=PGMQ_PACKAGES,
    call=read,
    file=collect,
    methods=frozenset(("rpc",)),
)
