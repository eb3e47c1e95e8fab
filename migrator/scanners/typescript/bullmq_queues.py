"""What is called on BullMQ's queues and flows: jobs put in, one by one, in bulk or as a tree; schedules; settings of a queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.jobs import Argument, Enqueue, Literal, Options, Schedule, Setting, Unresolved, Value, literal_of
from migrator.scanners.linking import Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_options import default_options, queue_name, retry_of, written
from migrator.scanners.typescript.bullmq_terms import NAME
from migrator.scanners.typescript.objects import objects
from migrator.syntax.source import span
from migrator.systems.bullmq import REPEAT_REMOVED, priority_from, seconds

#: how deep a tree of jobs is followed
_GENERATIONS = 20


def _add(call: Call) -> None:
    """`queue.add(name, data, options)`; with `repeat`, a schedule for as long as BullMQ knew it."""
    view = call.view
    options = view.evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    name, data = view.evaluator.text(call.arguments.get(0)), call.arguments.get(1)
    if "repeat" in options:
        major = view.versions.major(view.source.path, "bullmq")
        if major is None or major < REPEAT_REMOVED:
            repeat = view.options(options["repeat"])
            _schedule(call, repeat, literal_of(repeat.get("key")) or name, name, data)
            return
        reason = f"BullMQ {major} takes no notice of `repeat`: this job runs once and never again"
        view.add(Unresolved(view.source.path, call.location.line, reason, NAME, view.source.text(call.name)))
    _enqueue(call, "add", name, data, options, queue_name(call))


def _enqueue(call: Call, form: str, name: str, data: Place | None, options: dict[str, Place], queue: Value | None) -> None:
    view = call.view
    merged = {**default_options(call), **options}
    retry = retry_of(view, merged)
    receiver = call.receiver_node
    dedupe = merged.get("jobId") or merged.get("deduplication") or merged.get("debounce")
    view.add(
        Enqueue(
            **call.common(NAME),
            name=name,
            form=form,
            call=span(call.node),
            receiver=span(receiver) if receiver is not None else None,
            queue=queue,
            arguments=(view.argument(data),) if data is not None else (),
            options=written(view, options),
            delay=seconds(view.value(merged["delay"])) if "delay" in merged else None,
            priority=priority_from(view.value(merged["priority"])) if "priority" in merged else None,
            dedupe=view.value(dedupe) if dedupe is not None else None,
            max_attempts=retry.max_attempts if retry is not None else None,
            awaited=view.awaited(call.node),
            in_loop=view.in_loop(call.node),
            inside=view.around(call.node),
            result_used=view.result_used(call.node),
        )
    )


def _bulk(call: Call) -> None:
    """`queue.addBulk([{ name, data, opts }, …])`: one enqueue for each name, if all of them are written."""
    view, evaluator = call.view, call.view.evaluator
    jobs = [evaluator.entries(job) for job in objects(view, call.arguments.get(0))]
    by_name = {evaluator.text(job.get("name")): job for job in jobs}
    if not by_name or "" in by_name:
        _enqueue(call, "addBulk", "", call.arguments.get(0), {}, queue_name(call))
        return
    for name, job in by_name.items():
        options = evaluator.entries(job["opts"]) if "opts" in job else {}
        _enqueue(call, "addBulk", name, job.get("data"), options, queue_name(call))


def _flow(call: Call) -> None:
    """`flow.add({ name, queueName, data, opts, children })` and `flow.addBulk([…])`: every job of the trees."""
    view, evaluator = call.view, call.view.evaluator
    first = call.arguments.get(0)
    trees = elements(evaluator, first).known if first is not None else ()
    found = [job for tree in trees for job in _family(call, tree, _GENERATIONS)]
    if not found:
        _enqueue(call, "flow", "", first, {}, None)
    for job in found:
        queue = view.value(job["queueName"]) if "queueName" in job else None
        options = evaluator.entries(job["opts"]) if "opts" in job else {}
        _enqueue(call, "flow", evaluator.text(job.get("name")), job.get("data"), options, queue)


def _family(call: Call, tree: Place, generations: int) -> Iterator[dict[str, Place]]:
    """A job of a flow and its children."""
    entries = call.view.evaluator.entries(tree)
    if not entries or not generations:
        return
    yield entries
    for child in objects(call.view, entries.get("children")):
        yield from _family(call, child, generations - 1)


def _scheduler(call: Call) -> None:
    """`queue.upsertJobScheduler(id, { pattern | every, tz }, { name, data, opts })`."""
    evaluator = call.view.evaluator
    template = evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    identity = evaluator.text(call.arguments.get(0))
    repeat = call.view.options(call.arguments.get(1))
    _schedule(call, repeat, identity, evaluator.text(template.get("name")) or identity, template.get("data"))


def _schedule(call: Call, repeat: Options, name: str, job_name: str, data: Place | None) -> None:
    view = call.view
    every, zone = repeat.get("every"), literal_of(repeat.get("tz"))
    arguments: tuple[Argument, ...] = (view.argument(data),) if data is not None else ()
    queue = queue_name(call)
    view.add(
        Schedule(
            **call.common(NAME),
            name=name or job_name,
            job_name=job_name,
            cron=repeat.get("pattern") or repeat.get("cron"),
            interval=seconds(every) if every is not None else None,
            timezone=zone if isinstance(zone, str) else "",
            arguments=arguments,
            entry=span(call.node),
            options={**repeat, **({"queue": queue} if queue is not None else {})},
        )
    )


def _setting(option: str) -> Callable[[Call], None]:
    """A call that changes how all of a queue's jobs are run."""

    def read(call: Call) -> None:
        view = call.view
        queue = literal_of(queue_name(call))
        given = {str(k): view.value(p) for k, p in call.arguments.items()}
        options: Options = {option: given["0"]} if len(given) == 1 else {option: Literal([literal_of(v) for v in given.values()])}
        view.add(Setting(**call.common(NAME), name=queue if isinstance(queue, str) else option, entry=span(call.node), options=options))

    return read


METHODS: dict[str, Callable[[Call], None]] = {
    **{f"{queue}().add": _add for queue in ("Queue", "QueuePro")},
    **{f"{queue}().addBulk": _bulk for queue in ("Queue", "QueuePro")},
    **{f"{queue}().upsertJobScheduler": _scheduler for queue in ("Queue", "QueuePro")},
    **{f"{queue}().setGlobalConcurrency": _setting("globalConcurrency") for queue in ("Queue", "QueuePro")},
    **{f"{queue}().setGlobalRateLimit": _setting("globalRateLimit") for queue in ("Queue", "QueuePro")},
    "FlowProducer().add": _flow,
    "FlowProducer().addBulk": _flow,
}
#: what is called on clients that are known by their names alone
TELLTALES = frozenset(("add", "addBulk", "upsertJobScheduler", "setGlobalConcurrency", "setGlobalRateLimit"))
