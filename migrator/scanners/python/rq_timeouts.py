"""How long an RQ job may run where it does not say so itself: what its calls, its queue or RQ say (rq 3.0.0, django-rq 4.2.0)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from migrator.jobs import Client, Enqueue, Expression, Item, Job, Literal, Schedule, Setting, Value, literal_of
from migrator.scanners.found import Found
from migrator.scanners.python.rq_options import duration
from migrator.scanners.python.rq_terms import SYSTEM
from migrator.systems.rq import SYSTEM as FACTS

_OPTIONS = ("job_timeout", "timeout")
_DEFAULT = "default"


def settle_timeouts(found: Found) -> None:
    """Complete the jobs: of calls that say different things, none counts. Queues that only the run knows leave it open."""
    if any(_is_open(item) for item in found.items):
        return
    queues = _by_queue(found)
    said: defaultdict[str, list[Value]] = defaultdict(list)
    for item in found.items:
        if isinstance(item, Enqueue | Schedule) and item.system == SYSTEM and item.job and not item.area:
            said[item.job].append(_of_call(item, queues))
    for index, item in enumerate(found.items):
        if not isinstance(item, Job) or item.system != SYSTEM or item.timeout is not None:
            continue
        values = said[f"{item.module}:{item.symbol}"] if item.queue is None else [_of_queue(queues, item.queue)]
        if all(value == values[0] for value in values):
            limit = values[0] if values else _of_queue(queues, None)
            found.items[index] = msgspec.structs.replace(item, timeout=limit)


def _is_open(item: Item) -> bool:
    value = item.value if isinstance(item, Setting) and item.system == SYSTEM and item.name == "RQ_QUEUES" else None
    return isinstance(value, Expression) and "DEFAULT_TIMEOUT" in value.source and not item.area


def _of_call(item: Enqueue | Schedule, queues: dict[str, Value]) -> Value:
    given = next((item.options[name] for name in _OPTIONS if name in item.options and literal_of(item.options[name]) != ""), None)
    if given is not None and given != Literal(None):
        value = duration(given)
        return Literal(None) if literal_of(value) == -1 else value
    return _of_queue(queues, item.queue if isinstance(item, Enqueue) else item.options.get("queue_name"))


def _of_queue(queues: dict[str, Value], queue: Value | None) -> Value:
    name = literal_of(queue)
    return queues.get(name if isinstance(name, str) else _DEFAULT, Literal(FACTS.default_timeout))


def _by_queue(found: Found) -> dict[str, Value]:
    """Limits that queues are made with, by their names."""
    limits: dict[str, Value] = {}
    for item in found.items:
        if item.system == SYSTEM and not item.area:
            limits |= dict(_limits(item))
    return limits


def _limits(item: Item) -> Iterator[tuple[str, Value]]:
    if isinstance(item, Client) and item.role == "queue" and "default_timeout" in item.options:
        yield item.name, duration(item.options["default_timeout"])
    table = literal_of(item.value) if isinstance(item, Setting) and item.name == "RQ_QUEUES" else None
    for name, entry in table.items() if isinstance(table, dict) else ():
        if isinstance(entry, dict) and "DEFAULT_TIMEOUT" in entry:
            yield str(name), duration(Literal(entry["DEFAULT_TIMEOUT"]))
