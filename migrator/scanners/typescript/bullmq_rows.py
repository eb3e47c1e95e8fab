"""What a call that puts a job into a queue, or makes it recur, says: the same words in BullMQ and in Bull before it."""

from __future__ import annotations

from collections.abc import Callable

from migrator.jobs import Argument, Enqueue, Options, Schedule, Value, literal_of
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_options import backoff_after, default_options, queue_name, queue_of, retry_of, written
from migrator.syntax.source import span
from migrator.systems import bull, bullmq
from migrator.systems.bullmq import seconds

#: how each system's priorities become the model's
_PRIORITIES: dict[str, Callable[[Value], Value]] = {bullmq.SYSTEM.name: bullmq.priority_from, bull.SYSTEM.name: bull.priority_from}


def add_enqueue(call: Call, system: str, form: str, name: str, data: Place | None, options: dict[str, Place], queue: Value | None) -> None:
    """Record that a job is put into `queue`, with the queue's own defaults where the call says nothing."""
    view = call.view
    merged = {**default_options(call), **options}
    retry = retry_of(view, merged)
    receiver = call.receiver_node
    dedupe = merged.get("jobId") or merged.get("deduplication") or merged.get("debounce")
    view.add(
        Enqueue(
            **call.common(system),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=queue,
            arguments=(view.argument(data),) if data is not None else (),
            options=written(view, options),
            delay=seconds(view.value(merged["delay"])) if "delay" in merged else None,
            priority=_PRIORITIES[system](view.value(merged["priority"])) if "priority" in merged else None,
            dedupe=view.value(dedupe) if dedupe is not None else None,
            max_attempts=retry.max_attempts if retry is not None else None,
            backoff=backoff_after(view, merged, whole=bool(queue_of(call))),
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def add_schedule(call: Call, system: str, repeat: Options, name: str, job_name: str, data: Place | None) -> None:
    """Record a job that recurs as `repeat` says: by cron, or every so many milliseconds."""
    view = call.view
    every, zone = repeat.get("every"), literal_of(repeat.get("tz"))
    arguments: tuple[Argument, ...] = (view.argument(data),) if data is not None else ()
    view.add(
        Schedule(
            **call.common(system),
            name=name or job_name,
            job_name=job_name,
            cron=repeat.get("pattern") or repeat.get("cron"),
            interval=seconds(every) if every is not None else None,
            timezone=zone if isinstance(zone, str) else "",
            arguments=arguments,
            entry=span(call.node),
            queue=queue_name(call),
            options=repeat,
        )
    )
