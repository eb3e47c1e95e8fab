"""RQ with rq-scheduler: jobs in one sorted set, with how they repeat in their `meta`."""

from __future__ import annotations

from typing import Any

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.plain_pickle import plain
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.runtime.redis import Store
from migrator.systems.rq import SYSTEM

_SET = "rq:scheduler:scheduled_jobs"
_JOB = "rq:job:"


def read(store: Store) -> list[Item] | None:
    """The jobs that repeat; those that wait for one moment are no schedules."""
    if store.kind(_SET) != "zset":
        return None
    found: list[Item] = []
    for identity in store.sorted_set(_SET):
        fields = store.hash(f"{_JOB}{identity}")
        meta: Any = plain(fields.get("meta", b""))
        meta = meta if isinstance(meta, dict) else {}
        cron, every = meta.get("cron_string"), meta.get("interval")
        if cron is None and every is None:
            continue
        function = _function(fields)
        options: Options = {"queue": Literal(fields.get("origin", b"").decode("utf-8", "replace")), "id": Literal(identity)}
        zone = "local" if meta.get("use_local_timezone") else ""
        at = place(store.address, f"{_JOB}{identity}")
        seconds = float(every) if isinstance(every, int | float) else None
        found.append(schedule(SYSTEM.name, at, function, job=function, cron=str(cron or ""), every=seconds, timezone=zone, options=options))
    return found


def _function(fields: dict[str, bytes]) -> str:
    """The dotted name of the function that a job calls, else how RQ describes the call."""
    data = plain(fields.get("data", b""))
    if isinstance(data, tuple | list) and data and isinstance(data[0], str):
        return data[0]
    return fields.get("description", b"").decode("utf-8", "replace").partition("(")[0]


PROBE = Probe(SYSTEM.name, "redis", read)
