"""Messages and schedules of QStash as the inventory has them, however and in whatever language they are said."""

from __future__ import annotations

from migrator.jobs import Enqueue, Literal, Options, Schedule, Value, literal_of
from migrator.scanners.addresses import Address
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call
from migrator.syntax.source import span
from migrator.systems.qstash import SYSTEM, max_attempts, seconds, split_cron

NAME = SYSTEM.name
#: the inventory's own entries of the options: the paths of the destination and of those who are told how it went, as far as known
PATH = "path"
PATHS = (PATH, "callbackPath", "failureCallbackPath")


def enqueue(
    call: Call, form: str, name: str, place: Address, options: Options, payload: Place | None, queue: Value | None = None
) -> Enqueue:
    """One message, however it is said: `options` by the names that the SDK gives them."""
    view, receiver = call.view, call.receiver_node
    return Enqueue(
        **call.common(NAME),
        name=name,
        form=form,
        call=span(call.node),
        receiver=span(receiver) if receiver is not None else None,
        arguments=(view.argument(payload),) if payload is not None else (),
        options=options | path_option(place),
        delay=seconds(options.get("delay")),
        eta=options.get("notBefore"),
        queue=queue or options.get("queueName"),
        dedupe=options.get("deduplicationId") or options.get("contentBasedDeduplication"),
        max_attempts=max_attempts(options["retries"]) if "retries" in options else None,
        awaited=view.awaited(call.node),
        in_loop=view.in_loop(call.node),
        inside=view.around(call.node),
        result_used=view.result_used(call.node),
    )


def schedule(call: Call, job: str, place: Address, cron: Value | None, options: Options, payload: Place | None) -> Schedule:
    """One schedule: `cron` as written, its zone still within."""
    text = literal_of(cron)
    fields, zone = split_cron(text) if isinstance(text, str) else ("", "")
    identity = literal_of(options.get("scheduleId"))
    return Schedule(
        **call.common(NAME),
        name=identity if isinstance(identity, str) and identity else job,
        job_name=job,
        cron=Literal(fields) if fields else cron,
        timezone=zone,
        arguments=(call.view.argument(payload),) if payload is not None else (),
        entry=span(call.node),
        options=options | path_option(place),
    )


def path_option(found: Address) -> Options:
    """The path of a destination for the inventory; nothing if none of it is known."""
    return {PATH: Literal(found.path)} if found.path else {}
