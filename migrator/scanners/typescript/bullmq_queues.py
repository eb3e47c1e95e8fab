"""What is called on BullMQ's queues and flows: jobs put in, one by one, in bulk or as a tree; schedules; settings of a queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.jobs import Literal, Options, Setting, Unresolved, literal_of
from migrator.scanners.linking import Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.fills import all_fills_of
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_options import given_options, queue_name
from migrator.scanners.typescript.bullmq_rows import add_enqueue, add_schedule
from migrator.scanners.typescript.bullmq_terms import NAME
from migrator.scanners.typescript.objects import objects, objects_by
from migrator.syntax.source import span
from migrator.systems.bullmq import REPEAT_REMOVED

#: what only BullMQ's queues have
SCHEDULER = "upsertJobScheduler"
#: how deep a tree of jobs is followed
_GENERATIONS = 20


def _add(call: Call) -> None:
    """`queue.add(name, data, options)`; with `repeat`, a schedule for as long as BullMQ knew it."""
    view = call.view
    options = given_options(view, call.arguments.get(2))
    name, data = view.evaluator.text(call.arguments.get(0)), call.arguments.get(1)
    if "repeat" in options:
        major = view.versions.major(view.source.path, "bullmq")
        if major is None or major < REPEAT_REMOVED:
            repeat = view.options(options["repeat"])
            add_schedule(call, NAME, repeat, literal_of(repeat.get("key")) or name, name, data)
            return
        reason = f"BullMQ {major} takes no notice of `repeat`: this job runs once and never again"
        view.add(Unresolved(view.source.path, call.location.line, reason, NAME, view.source.text(call.name)))
    add_enqueue(call, NAME, "add", name, data, options, queue_name(call))


def _bulk(call: Call) -> None:
    """`queue.addBulk([{ name, data, opts }, …])`: one enqueue for each name, and one for all whose names are not told."""
    view, evaluator = call.view, call.view.evaluator
    for name, job in (objects_by(view, call.arguments.get(0), "name") or {"": dict[str, Place]()}).items():
        if not name:
            add_enqueue(call, NAME, "addBulk", "", call.arguments.get(0), {}, queue_name(call))
            continue
        options = evaluator.entries(job["opts"]) if "opts" in job else {}
        add_enqueue(call, NAME, "addBulk", name, job.get("data"), options, queue_name(call))


def _flow(call: Call) -> None:
    """`flow.add({ name, queueName, data, opts, children })` and `flow.addBulk([…])`: every job of the trees."""
    view, evaluator = call.view, call.view.evaluator
    first = call.arguments.get(0)
    trees = elements(evaluator, first).known if first is not None else ()
    found = [job for tree in trees for job in _family(call, tree, _GENERATIONS)]
    if not found:
        add_enqueue(call, NAME, "flow", "", first, {}, None)
    for job in found:
        queue = view.value(job["queueName"]) if "queueName" in job else None
        options = evaluator.entries(job["opts"]) if "opts" in job else {}
        add_enqueue(call, NAME, "flow", evaluator.text(job.get("name")), job.get("data"), options, queue)


def _family(call: Call, tree: Place, generations: int) -> Iterator[dict[str, Place]]:
    """A job of a flow and its children."""
    entries = call.view.evaluator.entries(tree)
    if not entries or not generations:
        return
    yield entries
    given = entries.get("children")
    children = objects(call.view, given)
    if given is not None and not children and not _is_empty(call, given):
        call.view.unresolved(call.node, "which jobs are the children of this one cannot be told", NAME)
    for child in children:
        yield from _family(call, child, generations - 1)


def _is_empty(call: Call, listed: Place) -> bool:
    """True for a list in which nothing is ever put."""
    meaning = call.view.evaluator.meaning(listed)
    return isinstance(meaning, Structure) and not meaning.entries and not any(all_fills_of(call.view.evaluator, listed))


def _scheduler(call: Call) -> None:
    """`queue.upsertJobScheduler(id, { pattern | every, tz }, { name, data, opts })`."""
    evaluator = call.view.evaluator
    template = evaluator.entries(call.arguments[2]) if 2 in call.arguments else {}
    identity = evaluator.text(call.arguments.get(0))
    repeat = call.view.options(call.arguments.get(1))
    add_schedule(call, NAME, repeat, identity, evaluator.text(template.get("name")) or identity, template.get("data"))


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
    **{f"{queue}().{SCHEDULER}": _scheduler for queue in ("Queue", "QueuePro")},
    **{f"{queue}().setGlobalConcurrency": _setting("globalConcurrency") for queue in ("Queue", "QueuePro")},
    **{f"{queue}().setGlobalRateLimit": _setting("globalRateLimit") for queue in ("Queue", "QueuePro")},
    "FlowProducer().add": _flow,
    "FlowProducer().addBulk": _flow,
}
#: what is called on clients that are known by their names alone
TELLTALES = frozenset(("add", "addBulk", SCHEDULER, "setGlobalConcurrency", "setGlobalRateLimit"))
