"""Celery with RedBeat: one hash for each entry, named in a sorted set."""

from __future__ import annotations

import json
from typing import Any

from migrator.jobs import Item
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.scanners.runtime.redis import Store
from migrator.systems.celery import SYSTEM
from migrator.systems.celery_beat import CRON_FIELDS

_SET = ":schedule"


def read(store: Store) -> list[Item] | None:
    """The entries that are switched on, under whatever prefix."""
    sets = [key for key in store.keys(f"*:{_SET}") if store.kind(key) == "zset"]
    found: list[Item] = []
    for key in sets:
        for member in store.sorted_set(key):
            entry = _decoded(store.hash(member).get("definition", b""))
            if entry and entry.get("enabled", True):
                found.append(_schedule(store, member, entry))
    return found if sets else None


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _schedule(store: Store, member: str, entry: dict[str, Any]) -> Item:
    when = entry.get("schedule")
    when = when if isinstance(when, dict) else {}
    kind = when.get("__type__", "")
    name = str(entry.get("name") or member)
    cron = " ".join(str(when.get(f, "*")).replace(" ", "") for f in CRON_FIELDS) if kind == "crontab" else ""
    every = float(when["every"]) if kind == "interval" and isinstance(when.get("every"), int | float) else None
    words = "" if cron or every is not None else str(kind or "unknown")
    return schedule(SYSTEM.name, place(store.address, member), name, job=str(entry.get("task", "")), cron=cron, every=every, words=words)


PROBE = Probe(SYSTEM.name, "redis", read)
