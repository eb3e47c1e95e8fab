"""Every trap there is, by id. A language's traps live in `traps_<language>.py`, in a value `TRAPS`; dropping the file in is enough."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import migrator.systems
from migrator.systems.trap import Trap

_PREFIX = "traps_"


@cache
def all_traps() -> dict[str, Trap]:
    """id -> trap, in the order of the ids."""
    found: dict[str, Trap] = {}
    for module in iter_modules(migrator.systems.__path__):
        if module.name.startswith(_PREFIX):
            for trap in import_module(f"migrator.systems.{module.name}").TRAPS:
                if trap.id in found:
                    raise ValueError(f"{trap.id} is given twice: {found[trap.id].title!r} and {trap.title!r}")
                found[trap.id] = trap
    return dict(sorted(found.items()))
