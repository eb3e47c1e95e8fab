"""BullMQ: job schedulers, and the repeatable jobs of earlier versions, in the sorted set `repeat` of each queue."""

from __future__ import annotations

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.runtime.redis import Store
from migrator.systems.bullmq import SYSTEM

SET = ":repeat"
#: hash of a queue that BullMQ keeps and Bull does not
META = ":meta"


def read(store: Store) -> list[Item] | None:
    """The schedules of every queue, whatever its prefix; None where no queue of BullMQ has left anything."""
    queues = [key.removesuffix(META) for key in store.keys(f"*:*{META}") if store.kind(key) == "hash"]
    found: list[Item] = []
    for queue in queues:
        found += [_schedule(store, queue, member) for member in store.sorted_set(f"{queue}{SET}")]
    return found if queues else None


def _schedule(store: Store, queue: str, member: str) -> Item:
    """One member: the id of a job scheduler, the hash of a repeatable job's options, or those options themselves."""
    fields = {name: value.decode("utf-8", "replace") for name, value in store.hash(f"{queue}{SET}:{member}").items()}
    at = place(store.address, f"{queue}{SET}")
    name = queue.partition(":")[2]
    options: Options = {"queue": Literal(name)}
    if fields:
        job = fields.get("name", "")
        every = float(fields["every"]) / 1_000 if fields.get("every") else None
        # The key of a repeatable job is a digest, which tells nobody anything.
        identity = job if _is_digest(member) or member.startswith(f"{job}:") else member
        cron, zone = fields.get("pattern", fields.get("cron", "")), fields.get("tz", "")
        return schedule(SYSTEM.name, at, identity, job=job, cron=cron, every=every, timezone=zone, options=options)
    # Version 4 and earlier: name, id, end, time zone and pattern, with colons between.
    job, _, _, zone, pattern = [*member.split(":", 4), "", "", "", ""][:5]
    every = float(pattern) / 1_000 if pattern.isdigit() else None
    return schedule(SYSTEM.name, at, job, job=job, cron="" if every is not None else pattern, every=every, timezone=zone, options=options)


def _is_digest(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


PROBE = Probe(SYSTEM.name, "redis", read)
