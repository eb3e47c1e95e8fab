"""What this toolkit can do with each job system, asked of its registries."""

from __future__ import annotations

from dataclasses import dataclass

from migrator import codemods
from migrator.shadow import drivers
from migrator.systems import SYSTEMS, System


@dataclass(frozen=True)
class Abilities:
    """`rewritten_to` and `rewritten_from`: systems at the other end of a rewrite of code; `shadow`: an experiment can run on it."""

    system: System
    rewritten_to: tuple[str, ...]
    rewritten_from: tuple[str, ...]
    shadow: bool


def abilities(name: str) -> Abilities:
    """What can be done with the system `name`, beyond reading its code, which every system has."""
    return Abilities(
        system=SYSTEMS[name],
        rewritten_to=tuple(sorted(target for source, target in codemods.WRITERS if source == name)),
        rewritten_from=tuple(sorted(source for source, target in codemods.WRITERS if target == name)),
        shadow=name in drivers.systems(),
    )


def all_abilities() -> tuple[Abilities, ...]:
    """Those of every system: first those that can be moved from or to or run in an experiment, then those whose traits are known."""
    found = [abilities(name) for name in SYSTEMS]
    return tuple(sorted(found, key=lambda a: (-_reach(a), a.system.title.lower())))


def _reach(one: Abilities) -> int:
    return (bool(one.rewritten_to) + bool(one.rewritten_from) + one.shadow) * 2 + bool(one.system.capabilities)
