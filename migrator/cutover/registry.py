"""Every gate there is, in the order of its id."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from migrator.cutover import catalogue
from migrator.cutover.gate import Gate


@cache
def gates() -> tuple[Gate, ...]:
    """All gates."""
    found = (import_module(f"{catalogue.__name__}.{module.name}").GATE for module in iter_modules(catalogue.__path__))
    return tuple(sorted(found, key=lambda gate: gate.id))
