"""Every trap there is, by id. Traps live in `traps_<topic>.py`, in a value `TRAPS`; dropping the file in is enough."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

import migrator.systems
from migrator.systems.trap import Trap

_PREFIX = "traps_"


class TrapGroup(NamedTuple):
    """The traps of one file: `slug` is its name without `traps_`, `title` what it says of itself, `general` that it is about many moves."""

    slug: str
    title: str
    traps: tuple[Trap, ...]
    general: bool


@cache
def trap_groups() -> tuple[TrapGroup, ...]:
    """Every file of traps, by its first id."""
    found: list[TrapGroup] = []
    for module in iter_modules(migrator.systems.__path__):
        if module.name.startswith(_PREFIX):
            loaded = import_module(f"migrator.systems.{module.name}")
            title = (loaded.__doc__ or "").partition(": MIG")[0]
            found.append(
                TrapGroup(module.name.removeprefix(_PREFIX).replace("_", "-"), title, loaded.TRAPS, getattr(loaded, "GENERAL", False))
            )
    return tuple(sorted(found, key=lambda group: group.traps[0].id))


@cache
def all_traps() -> dict[str, Trap]:
    """id -> trap, in the order of the ids."""
    found: dict[str, Trap] = {}
    for group in trap_groups():
        for trap in group.traps:
            if trap.id in found:
                raise ValueError(f"{trap.id} is given twice: {found[trap.id].title!r} and {trap.title!r}")
            found[trap.id] = trap
    return dict(sorted(found.items()))


@cache
def traps_between(source: str, target: str) -> tuple[Trap, ...]:
    """The traps that a move from `source` to `target` can meet, by id; none where both are the same system.

    A trap that another one of the pair says more exactly is left out.
    """
    if source == target:
        return ()
    met = [t for t in all_traps().values() if (not t.sources or source in t.sources) and (not t.targets or target in t.targets)]
    refined = {trap.refines for trap in met}
    return tuple(trap for trap in met if trap.id not in refined)


@cache
def studied(source: str, target: str) -> bool:
    """True where some trap was written for this very move; where not, few traps mean that nobody has looked."""
    return any(source in t.sources and target in t.targets for group in trap_groups() if not group.general for t in group.traps)
