"""How to ask a running system for what one job system keeps there, and how its answers become items."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import msgspec

from migrator.jobs import Expression, Item, Literal, Location, Options, Schedule, Span
from migrator.scanners.runtime.addresses import Kind


class Probe(msgspec.Struct, frozen=True):
    """`read` is given a connection of `kind`; it gives None where the system keeps nothing, as opposed to an empty list."""

    system: str
    kind: Kind
    read: Callable[[Any], list[Item] | None]


@cache
def probes(kind: Kind) -> tuple[Probe, ...]:
    """Every probe that asks connections of a kind, by file name."""
    package = import_module("migrator.scanners.runtime")
    modules = (import_module(f"{package.__name__}.{m.name}") for m in sorted(iter_modules(package.__path__), key=lambda m: m.name))
    found = (getattr(module, "PROBE", None) for module in modules)
    return tuple(probe for probe in found if isinstance(probe, Probe) and probe.kind == kind)


def place(address: str, where: str) -> Location:
    """A place in a running system: no file and no line."""
    return Location(f"{address}#{where}", 0, 0, 0, Span(0, 0))


def schedule(
    system: str,
    at: Location,
    name: str,
    *,
    job: str = "",
    cron: str = "",
    every: float | None = None,
    words: str = "",
    timezone: str = "",
    options: Options | None = None,
) -> Schedule:
    """A schedule of a running system: `cron`, or `every` so many seconds, or `words` for what is neither."""
    interval = None if every is None else Literal(int(every) if float(every).is_integer() else every)
    return Schedule(
        system=system,
        language="",
        name=name,
        location=at,
        job_name=job,
        cron=Literal(cron) if cron else Expression(words) if words else None,
        interval=interval,
        timezone=timezone,
        options=options or {},
        defined_in="database",
    )
