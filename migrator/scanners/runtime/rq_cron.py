"""RQ's own cron scheduler (RQ 2.4 on): each process that runs one lists its jobs in a hash while it lives."""

from __future__ import annotations

import json
from typing import Any

from migrator.jobs import Item, Literal, Options
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.runtime.redis import Store
from migrator.systems.rq import SYSTEM

_KEY = "rq:cron_scheduler:"


def read(store: Store) -> list[Item] | None:
    """The jobs of all schedulers that live; what two of them both run is one schedule."""
    keys = [key for key in store.keys(f"{_KEY}*") if store.kind(key) == "hash"]
    found: dict[tuple[str, str, str], Item] = {}
    for key in keys:
        for job in _jobs(store.hash(key).get("cron_jobs", b"")):
            function = str(job.get("func_name") or "")
            name, cron, every = str(job.get("name") or function), str(job.get("cron") or ""), job.get("interval")
            options: Options = {"queue": Literal(str(job.get("queue_name") or ""))}
            seconds = float(every) if isinstance(every, int | float) else None
            item = schedule(SYSTEM.name, place(store.address, key), name, job=function, cron=cron, every=seconds, options=options)
            found.setdefault((name, cron, str(every)), item)
    return list(found.values()) if keys else None


def _jobs(data: bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(data)
    except ValueError:
        return []
    return [job for job in value if isinstance(job, dict)] if isinstance(value, list) else []


PROBE = Probe(SYSTEM.name, "redis", read)
