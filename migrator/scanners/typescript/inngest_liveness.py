"""Which functions Inngest can reach at all: those that some `serve` or `connect` lists."""

from __future__ import annotations

import msgspec

from migrator.jobs import Endpoint, Job, Worker
from migrator.scanners.found import Found
from migrator.systems.inngest import SYSTEM


def link(found: Found) -> None:
    """Say of each function whether it is listed: None where a list could not be followed to its end, or where there is no list."""
    listed: set[str] = set()
    whole: list[bool] = []
    for item in found.items:
        if item.system == SYSTEM.name and not item.area and isinstance(item, Endpoint | Worker):
            listed.update(item.serves if isinstance(item, Endpoint) else item.queues)
            whole.append(item.confidence == "certain")
    for index, item in enumerate(found.items):
        if isinstance(item, Job) and item.system == SYSTEM.name and item.language != "python":
            key = f"{item.module}:{item.symbol}" if item.symbol else item.name
            live = True if key in listed or item.name in listed else False if whole and all(whole) else None
            reason = "no endpoint or connection lists it" if live is False else ""
            found.items[index] = msgspec.structs.replace(item, live=live, reason=item.reason or reason)
