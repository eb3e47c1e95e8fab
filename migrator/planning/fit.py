"""What becomes of each capability of a job on the target: kept, renamed, emulated, redesigned or missing; and the traps on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from migrator.planning import weights
from migrator.planning.usage import Usage
from migrator.planning.weights import Cost
from migrator.systems import SYSTEMS
from migrator.systems.support import Support
from migrator.systems.trap import Handling, Trap
from migrator.systems.traps import traps_between

#: what a trap makes of a capability at least; of one that has to be emulated a person makes another design
_BY_HANDLING: Mapping[Handling, Cost] = {"automatic": "renamed", "helper": "adapted", "human": "adapted"}
_ORDER: tuple[Cost, ...] = ("same", "renamed", "adapted", "redesigned", "blocked")


class Fit(msgspec.Struct, frozen=True):
    """One capability on one target. `support` is unknown where nobody has looked; `how`: what gives it there, or what to do instead."""

    usage: Usage
    support: OneOf["native", "emulated", "absent", "unknown"]
    how: str
    cost: Cost
    traps: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """What it adds to the features of a job: half where it is not certain, the middle of all where the target is not known."""
        if self.support == "unknown":
            return max(weights.COSTS.values()) / 2
        return weights.COSTS[self.cost] / (2 if self.usage.doubt else 1)

    @property
    def known(self) -> bool:
        """False where the target's part or the job's part is not certain."""
        return self.support != "unknown" and not self.usage.doubt


def fits(found: Sequence[Usage], source: str, target: str, most: Cost = "blocked") -> tuple[Fit, ...]:
    """Every usage on the target. `most`: what it costs at most, where a rewrite has read the code and does it."""
    by_capability: dict[str, list[Trap]] = {}
    for trap in traps_between(source, target):
        if trap.scope == "job" and trap.capability:
            by_capability.setdefault(trap.capability, []).append(trap)
    return tuple(_fit(usage, target, by_capability.get(usage.capability, []), most) for usage in found)


def _fit(usage: Usage, target: str, traps: list[Trap], most: Cost) -> Fit:
    support = SYSTEMS[target].capabilities.get(usage.capability)
    names = tuple(trap.id for trap in traps)
    if support is None:
        return Fit(usage, "unknown", "", "same", names)
    cost = max((_of(support, usage.capability), *(_BY_HANDLING[trap.handling] for trap in traps)), key=_ORDER.index)
    if support.kind == "emulated" and any(trap.handling == "human" for trap in traps):
        cost = "redesigned"
    if cost == "blocked" and usage.doubt:
        # What is not certain to be needed blocks nothing.
        cost = "redesigned"
    return Fit(usage, support.kind, support.how, _ORDER[min(_ORDER.index(cost), _ORDER.index(most))], names)


def _of(support: Support, capability: str) -> Cost:
    match support.kind:
        case "native":
            return "same"
        case "emulated":
            return "adapted"
        case "absent":
            if capability in weights.ESSENTIAL:
                return "blocked"
            return "adapted" if capability in weights.SMALL else "redesigned"


def general_traps(source: str, target: str, *, scope: OneOf["job", "application"]) -> tuple[Trap, ...]:
    """The traps that every job of a pair meets, or that the move as a whole meets.

    What the application as a whole meets (its hosting, its monitoring, its tests) no job shows, so none of those is left out.
    """
    met = (trap for trap in traps_between(source, target) if trap.scope == scope)
    return tuple(trap for trap in met if scope == "application" or not trap.capability)
