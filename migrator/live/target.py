"""What the system that is moved to allows, as `systems/` has it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.live.limits import Limits
from migrator.live.state import Known, Untold
from migrator.systems import SYSTEMS


@dataclass(frozen=True)
class TargetLimit:
    """The most that a target allows on any plan; `title` says what it is."""

    value: float
    title: str


def target_limit(limits: Limits, about: str, unit: str) -> Known[TargetLimit | None]:
    """The maximum of the target named in `[live]`, of one family (`MIG04`); None where it has none that is known."""
    name = limits.settings.target
    if not name:
        return Untold("which system is moved to is not said (`target` in `[live]`)")
    known = SYSTEMS[name]
    found = [limit for limit in known.limits if limit.id == about and limit.unit == unit and limit.kind == "maximum"]
    if not found:
        return None
    largest = max(found, key=lambda limit: limit.value)
    plan = f", {largest.plan}" if largest.plan else ""
    return TargetLimit(largest.value, f"{known.title}: {largest.title[:1].lower()}{largest.title[1:]}{plan}")
