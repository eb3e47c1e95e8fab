"""BullMQ's job options and queue options in the model's terms."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal, Options, Retry, Value, literal_of
from migrator.scanners.linking import Instance, Place, Structure
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import walk
from migrator.systems.bullmq import seconds


def retry_of(view: View, options: dict[str, Place]) -> Retry | None:
    """`attempts` and `backoff` of job options; None when neither is written."""
    if "attempts" not in options and "backoff" not in options:
        return None
    attempts = view.value(options["attempts"]) if "attempts" in options else Literal(1)
    return Retry(attempts, backoff_of(view, options.get("backoff")), explicit="attempts" in options)


def backoff_of(view: View, place: Place | None) -> Backoff:
    """`backoff: 500`, `{ type: "exponential", delay: 500, jitter: 0.5 }`, or a strategy of the worker's own."""
    if place is None:
        return Backoff("none")
    value, entries = view.value(place), view.evaluator.entries(place)
    if not entries:
        number = literal_of(value)
        return Backoff("fixed", seconds(value)) if isinstance(number, int | float) else Backoff("custom", value)
    kind = view.evaluator.text(entries.get("type"))
    if kind not in ("fixed", "exponential"):
        return Backoff("custom", value)
    delay = seconds(view.value(entries["delay"])) if "delay" in entries else Literal(0)
    jitter = view.evaluator.known(entries.get("jitter"))
    return Backoff(kind, delay, jitter="none" if not jitter else "full" if jitter == 1 else "half")


def backoff_after(view: View, merged: dict[str, Place], *, whole: bool) -> Backoff | None:
    """How soon a job with these options is tried again; `custom` without a delay where a part of them is unknown.

    `whole`: the defaults of the queue are among them. Where they are not, what the options leave out is not known.
    """
    if "backoff" not in merged and "..." in merged:
        return Backoff("custom")
    retry = retry_of(view, merged)
    return retry.backoff if retry is not None and (whole or "backoff" in merged) else None


def given_options(view: View, place: Place | None) -> dict[str, Place]:
    """The options of a call; the key `...` stands for those that are only known at run time."""
    if place is None:
        return {}
    unknown = not isinstance(view.evaluator.meaning(place), Structure) and place.text not in ("undefined", "null", "None")
    return {"...": place} if unknown else view.evaluator.entries(place)


def written(view: View, entries: dict[str, Place]) -> Options:
    """Options as written."""
    return {name: view.value(place) for name, place in entries.items()}


def queue_of(call: Call) -> dict[int | str, Place]:
    """What the queue, worker or flow that a method is called on was made with."""
    made = call.receiver.call if isinstance(call.receiver, Instance) else None
    given = call.view.evaluator.arguments(made) if made is not None else {}
    return {key: place for key, place in given.items() if isinstance(place, Place)}


def queue_name(call: Call) -> Value | None:
    """The name of the queue that a method is called on; None where it cannot be told."""
    given = queue_of(call)
    return call.view.value(given[0]) if 0 in given else None


def made_for_each(call: Call) -> bool:
    """True for a queue whose name its function is handed, or a loop goes over: the variable that holds it is no name of one queue."""
    named = call.arguments.get(0)
    bindings = call.view.project.bindings(call.view.source.path)
    nodes = walk(named.node, ("identifier",)) if named is not None and named.source is call.view.source else ()
    return any(b.kind in ("parameter", "item") for node in nodes for b in bindings.lookup(call.view.source.text(node), node))


def default_options(call: Call) -> dict[str, Place]:
    """`defaultJobOptions` of the queue that a method is called on."""
    evaluator, given = call.view.evaluator, queue_of(call)
    # Bull also takes the address of its server before the options.
    options = next((o for k in (1, 2) if k in given and "defaultJobOptions" in (o := evaluator.entries(given[k]))), {})
    return evaluator.entries(options["defaultJobOptions"]) if options else {}
