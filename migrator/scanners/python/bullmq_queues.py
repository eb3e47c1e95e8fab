"""What is called on queues and flows of BullMQ in Python: jobs put in, one by one, in bulk or as a tree; schedules; settings.

`Enqueue.form`: `add`, `addBulk`, `flow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from migrator.jobs import Enqueue, Expression, Literal, Options, Schedule, Setting, Value, literal_of
from migrator.scanners.linking import Instance, Place
from migrator.scanners.python import passing
from migrator.scanners.python.bullmq_terms import SYSTEM
from migrator.scanners.python.dictionaries import entries, listed
from migrator.scanners.python.surroundings import around
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_options import backoff_after, retry_of
from migrator.syntax.source import span
from migrator.systems.bullmq import priority_from, seconds

_DYNAMIC = "the name of the job is only known at run time"
#: how deep a tree of jobs is followed
_GENERATIONS = 20
#: what is called on clients that are known by their names alone
TELLTALES = frozenset(("add", "addBulk", "upsertJobScheduler"))


def _add(call: Call) -> None:
    """`queue.add(name, data, options)`."""
    given = passing.named(call.inner, ("name", "data", "opts"))
    # A set has an `add` too, of one thing.
    if call.doubt and not {"name", "data"} <= set(given):
        return
    _enqueue(call, "add", given, entries(call.view, given.get("opts")), _queue(call))


def _bulk(call: Call) -> None:
    """`queue.addBulk([{"name": …, "data": …, "opts": …}, …])`: one enqueue for each name, if all of them are written."""
    view = call.view
    given = passing.named(call.inner, ("jobs",)).get("jobs")
    jobs = [entries(view, job) for job in listed(view, given)]
    names = [view.evaluator.text(job.get("name")) for job in jobs]
    if not jobs or "" in names:
        _enqueue(call, "addBulk", {"data": given} if given is not None else {}, {}, _queue(call), many=True)
        return
    for job in dict(zip(names, jobs, strict=True)).values():
        _enqueue(call, "addBulk", job, entries(view, job.get("opts")), _queue(call), many=True)


def _flow(call: Call) -> None:
    """`flow.add({"name": …, "queueName": …, "children": […]})`: every job of the tree."""
    view = call.view
    first = passing.named(call.inner, ("flow",)).get("flow")
    _trees(call, [first] if first is not None else [])
    if first is not None and not entries(view, first):
        _enqueue(call, "flow", {"data": first}, {}, None)


def _flows(call: Call) -> None:
    """`flow.addBulk([…])`."""
    _trees(call, list(listed(call.view, passing.named(call.inner, ("flows",)).get("flows"))))


def _trees(call: Call, trees: list[Place]) -> None:
    for job in (job for tree in trees for job in _family(call, tree, _GENERATIONS)):
        queue = call.view.value(job["queueName"]) if "queueName" in job else None
        _enqueue(call, "flow", job, entries(call.view, job.get("opts")), queue)


def _family(call: Call, tree: Place, generations: int) -> Iterator[dict[str, Place]]:
    """A job of a flow and its children."""
    own = entries(call.view, tree)
    if not own or not generations:
        return
    yield own
    for child in listed(call.view, own.get("children")):
        yield from _family(call, child, generations - 1)


def _enqueue(
    call: Call, form: str, job: Mapping[str, Place], options: Mapping[str, Place], queue: Value | None, *, many: bool = False
) -> None:
    view = call.view
    name = view.evaluator.text(job.get("name"))
    merged = {**_defaults(call), **options}
    retry = retry_of(view, merged)
    dedupe = merged.get("jobId") or merged.get("deduplication")
    where = around(call, lambda _: "")
    where["in_loop"] = where["in_loop"] or many
    view.add(
        Enqueue(
            **call.common(SYSTEM),
            **where,
            name=name,
            form=form,
            confidence="certain" if name else "likely",
            reason="" if name else _DYNAMIC,
            queue=queue,
            arguments=(view.argument(job["data"]),) if "data" in job else (),
            delay=seconds(view.value(merged["delay"])) if "delay" in merged else None,
            priority=priority_from(view.value(merged["priority"])) if "priority" in merged else None,
            dedupe=view.value(dedupe) if dedupe is not None else None,
            max_attempts=retry.max_attempts if retry is not None else None,
            backoff=backoff_after(view, merged, whole=bool(_made_with(call))),
            options={k: view.value(v) for k, v in options.items()},
        )
    )


def _scheduler(call: Call) -> None:
    """`queue.upsertJobScheduler(id, {"pattern" | "every": …}, name, data)`."""
    view = call.view
    given = passing.named(call.inner, ("job_scheduler_id", "repeat_opts", "job_name", "job_data", "opts"))
    repeat: Options = {k: view.value(v) for k, v in entries(view, given.get("repeat_opts")).items()}
    identity = view.evaluator.text(given.get("job_scheduler_id"))
    every, zone = repeat.get("every"), literal_of(repeat.get("tz"))
    cron = repeat.get("pattern")
    if "repeat_opts" in given and every is None and cron is None:
        cron = Expression(given["repeat_opts"].text)
    queue = _queue(call)
    view.add(
        Schedule(
            **call.common(SYSTEM),
            name=identity or view.evaluator.text(given.get("job_name")),
            confidence="certain" if identity else "likely",
            reason="" if identity else _DYNAMIC,
            job_name=view.evaluator.text(given.get("job_name")) or identity,
            cron=cron,
            interval=seconds(every) if every is not None else None,
            timezone=zone if isinstance(zone, str) else "",
            arguments=(view.argument(given["job_data"]),) if "job_data" in given else (),
            entry=span(call.node),
            queue=queue,
            options=repeat,
        )
    )


def _setting(option: str) -> Callable[[Call], None]:
    """A call that changes how all of a queue's jobs are run."""

    def read(call: Call) -> None:
        view = call.view
        queue = literal_of(_queue(call))
        given = [view.value(p) for p in call.arguments.values()]
        value = given[0] if len(given) == 1 else Literal([literal_of(v) for v in given])
        view.add(
            Setting(**call.common(SYSTEM), name=queue if isinstance(queue, str) else option, entry=span(call.node), options={option: value})
        )

    return read


def _queue(call: Call) -> Value | None:
    """The name of the queue that a method is called on."""
    name = _made_with(call).get("name")
    return call.view.value(name) if name is not None else None


def _defaults(call: Call) -> dict[str, Place]:
    """`defaultJobOptions` of the queue that a method is called on."""
    return entries(call.view, entries(call.view, _made_with(call).get("opts")).get("defaultJobOptions"))


def _made_with(call: Call) -> dict[str, Place]:
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    return passing.named(made, ("name", "opts")) if made is not None else {}


METHODS: dict[str, Callable[[Call], None]] = {
    "Queue().add": _add,
    "Queue().addBulk": _bulk,
    "Queue().upsertJobScheduler": _scheduler,
    "Queue().jobScheduler.upsertJobScheduler": _scheduler,
    "JobScheduler().upsertJobScheduler": _scheduler,
    "Queue().setGlobalConcurrency": _setting("globalConcurrency"),
    "Queue().setGlobalRateLimit": _setting("globalRateLimit"),
    "FlowProducer().add": _flow,
    "FlowProducer().addBulk": _flows,
}
