"""Asks running systems for what code cannot show: schedules that live in a database, functions that an application registers.

Nothing is ever written: Postgres is asked in read-only transactions, Redis with commands that read, HTTP for what it shows anyway.
Each module of this folder with a value `PROBE` asks for one job system; dropping it in is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.errors import MigratorError
from migrator.jobs import Inventory, Item
from migrator.jobs.runtime import Runtime, Source
from migrator.scanners.runtime.addresses import kind_of, label
from migrator.scanners.runtime.differences import differences
from migrator.scanners.runtime.probe import probes


def ask(urls: Sequence[str], inventory: Inventory) -> Inventory:
    """The inventory with what the systems at `urls` know, and where that differs from the code.

    Raises:
        MigratorError: an address that cannot be asked, does not answer, or refuses; nothing that it says holds a password.
    """
    sources: list[Source] = []
    running: list[Item] = []
    answered: set[str] = set()
    for url in urls:
        found = _answers(url)
        answered |= set(found)
        sources.append(Source(label(url), {system: len(items) for system, items in sorted(found.items())}))
        running += [item for items in found.values() for item in items]
    told, only_running = differences(inventory.production, running, answered)
    items = (*inventory.items, *only_running)
    return msgspec.structs.replace(inventory, items=items, runtime=Runtime(tuple(sources), told))


def _answers(url: str) -> dict[str, list[Item]]:
    """What is known at one address, by job system; a system that keeps nothing there is left out."""
    kind = kind_of(url)
    if kind == "postgres":
        from migrator.scanners.runtime.postgres import connected
    elif kind == "redis":
        from migrator.scanners.runtime.redis import connected
    elif kind == "http":
        from migrator.scanners.runtime.http import connected
    else:
        raise MigratorError(
            "is no address of a system that can be asked", place=label(url), remedy="Use postgresql://, redis://, rediss:// or http(s)://."
        )
    found: dict[str, list[Item]] = {}
    with connected(url) as connection:
        for probe in probes(kind):
            items = probe.read(connection)
            if items is not None:
                found.setdefault(probe.system, []).extend(items)
    return found
