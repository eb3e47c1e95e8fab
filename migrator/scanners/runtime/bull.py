"""Bull, before BullMQ: repeatable jobs in the sorted set `repeat` of each queue."""

from __future__ import annotations

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.bullmq import META, SET
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.runtime.redis import Store
from migrator.systems.bull import SYSTEM


def read(store: Store) -> list[Item] | None:
    """The repeatable jobs of every queue, whatever its prefix. Bull leaves no description of a queue, which tells it from BullMQ."""
    queues = [key.removesuffix(SET) for key in store.keys(f"*:*{SET}") if store.kind(key) == "zset"]
    own = [queue for queue in queues if not store.hash(f"{queue}{META}")]
    found = [_schedule(store, queue, member) for queue in own for member in store.sorted_set(f"{queue}{SET}")]
    return found if own else None


def _schedule(store: Store, queue: str, member: str) -> Item:
    """Name, id, end, time zone and cron, with colons between; last the milliseconds between runs, where there is no cron."""
    name, _, _, zone, when = [*member.split(":", 4), "", "", "", ""][:5]
    last = member.rpartition(":")[2]
    every = float(last) / 1_000 if last.isdigit() else None
    zone = "" if every is not None else zone
    options: Options = {"queue": Literal(queue.partition(":")[2])}
    at = place(store.address, f"{queue}{SET}")
    job = "" if name == "__default__" else name
    cron = "" if every is not None else when
    return schedule(SYSTEM.name, at, job or queue.partition(":")[2], job=job, cron=cron, every=every, timezone=zone, options=options)


PROBE = Probe(SYSTEM.name, "redis", read)
