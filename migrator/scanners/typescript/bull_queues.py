"""What is called on Bull's queues to put jobs in, and to make them recur."""

from __future__ import annotations

from collections.abc import Callable

from migrator.jobs import Value, literal_of
from migrator.scanners.linking import Known, Place, Structure
from migrator.scanners.reading import Call
from migrator.scanners.typescript.bullmq_options import given_options, queue_name
from migrator.scanners.typescript.bullmq_rows import add_enqueue, add_schedule
from migrator.scanners.typescript.objects import objects_by
from migrator.scanners.typescript.queue_choice import chosen
from migrator.systems.bull import JOB_OPTIONS, SYSTEM

NAME = SYSTEM.name
#: keys under which data carries the name of the job it is for, and what the job is given; more keys than that are data
_NAMES = ("name", "jobName", "taskName", "task", "type")
_PAYLOADS = frozenset(("props", "payload", "data", "args", "params", "body", "input"))
_WRAPPED = 4


def _add(call: Call) -> None:
    """`add(data, [options])`, `add(name, data, [options])`; with `repeat`, a schedule."""
    view = call.view
    named, data, place = _apart(call)
    options = given_options(view, place)
    queue = queue_of_call(call)
    known = literal_of(queue)
    wrapped = _wrapped_name(call, data) if named is None else None
    if named is not None or wrapped is not None:
        name = view.evaluator.text(named or wrapped)
    else:
        # A job without a name is known by its queue.
        name = known if isinstance(known, str) else ""
    if "repeat" in options:
        add_schedule(call, NAME, view.options(options["repeat"]), name, name, data)
    else:
        add_enqueue(call, NAME, "add", name, data, options, queue)


def queue_of_call(call: Call) -> Value | None:
    """The name of the queue that a method is called on, or by which it is chosen."""
    queue = queue_name(call)
    if isinstance(literal_of(queue), str):
        return queue
    name = chosen(call)
    return call.view.value(name) if name is not None else queue


def _apart(call: Call) -> tuple[Place | None, Place | None, Place | None]:
    """(name, data, options) of what is given; a name is a text, whatever else stands first is data."""
    given = call.arguments
    first, second, third = given.get(0), given.get(1), given.get(2)
    evaluator = call.view.evaluator
    meaning = evaluator.meaning(first) if first is not None else None
    if isinstance(meaning, Known) and isinstance(meaning.value, str):
        return first, second, third
    if third is not None:
        return first, second, third
    if second is None or isinstance(meaning, Structure) or _are_options(call, second):
        return None, first, second
    return first, second, None


def _wrapped_name(call: Call, data: Place | None) -> Place | None:
    """The name in data that is no more than a wrapper around a name and what goes with it: `{ name: "welcome", props: … }`."""
    entries = call.view.evaluator.entries(data) if data is not None else {}
    name = next((entries[key] for key in _NAMES if key in entries), None)
    return name if len(entries) <= _WRAPPED and _PAYLOADS & entries.keys() else None


def _are_options(call: Call, place: Place) -> bool:
    """True for an object of which every known key is an option of a job."""
    keys = {key for key in call.view.evaluator.entries(place) if not key.startswith("...")}
    return bool(keys) and keys <= JOB_OPTIONS


def _bulk(call: Call) -> None:
    """`addBulk([{ name, data, opts }, …])`: one enqueue for each name, and one for all whose names are not told."""
    view, evaluator = call.view, call.view.evaluator
    queue = queue_of_call(call)
    known = literal_of(queue)
    unnamed = known if isinstance(known, str) else ""
    for named, job in (objects_by(view, call.arguments.get(0), "name") or {"": dict[str, Place]()}).items():
        name = unnamed if named is None else named
        if not name:
            add_enqueue(call, NAME, "addBulk", "", call.arguments.get(0), {}, queue)
            continue
        options = evaluator.entries(job["opts"]) if "opts" in job else {}
        if "repeat" in options:
            add_schedule(call, NAME, view.options(options["repeat"]), name, name, job.get("data"))
        else:
            add_enqueue(call, NAME, "addBulk", name, job.get("data"), options, queue)


METHODS: dict[str, Callable[[Call], None]] = {"add": _add, "addBulk": _bulk}
