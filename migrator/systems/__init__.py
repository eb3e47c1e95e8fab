"""Facts about job systems: one file per system, found by being here. `SYSTEMS` maps a system's name to its `System`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules

from migrator.systems.capabilities import CAPABILITIES, Capability
from migrator.systems.facts import Program, RetryFacts, System
from migrator.systems.limits import LIMIT_CHECKS, Limit, LimitCheck
from migrator.systems.support import Support

__all__ = ["CAPABILITIES", "LIMIT_CHECKS", "SYSTEMS", "Capability", "Limit", "LimitCheck", "Program", "RetryFacts", "Support", "System"]


class _Registry(Mapping[str, System]):
    """Loads every `SYSTEM` of this package at the first question."""

    @cached_property
    def _systems(self) -> dict[str, System]:
        found = (getattr(import_module(f"{__name__}.{m.name}"), "SYSTEM", None) for m in iter_modules(__path__))
        return {s.name: s for s in sorted((s for s in found if isinstance(s, System)), key=lambda s: s.name)}

    def __getitem__(self, name: str) -> System:
        return self._systems[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._systems)

    def __len__(self) -> int:
        return len(self._systems)


SYSTEMS: Mapping[str, System] = _Registry()
