"""How the storage of one job system is read: one module of `readers/` for each, found by being there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from migrator.jobs import Inventory
from migrator.live.keyspace import Keyspace
from migrator.live.state import Standing
from migrator.scanners.runtime.addresses import Kind

#: jobs of one queue that are looked at one by one
SAMPLE = 200


@dataclass(frozen=True)
class Question:
    """What a reader may need beside the connection. `since`: the moment of the look before, on the server's clock; None at the first."""

    inventory: Inventory
    keys: Keyspace | None = None
    clients: Sequence[Mapping[str, str]] | None = None  #: who is connected to Redis; None where that is not said
    since: float | None = None
    now: float = 0.0  #: of the server's clock, seconds since 1970


@dataclass(frozen=True)
class Reader:
    """`read` gives what the system keeps there; None where that is nothing. `families` are the keys of Redis that it wants to know."""

    system: str
    kind: Kind
    read: Callable[[Any, Question], list[Standing] | None]
    families: Mapping[str, re.Pattern[bytes]] = field(default_factory=dict)


@cache
def readers(kind: Kind) -> tuple[Reader, ...]:
    """Every reader of servers of a kind, by file name."""
    package = import_module("migrator.live.readers")
    modules = (import_module(f"{package.__name__}.{m.name}") for m in sorted(iter_modules(package.__path__), key=lambda m: m.name))
    found = (getattr(module, "READER", None) for module in modules)
    return tuple(reader for reader in found if isinstance(reader, Reader) and reader.kind == kind)
