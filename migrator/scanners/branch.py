"""Configuration as a tree with the place of every part, whether it stands in YAML, in JSON or in code.

What a platform's configuration means is read once, from `Branch`es, however it was written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from migrator.jobs import Literal, Location, Value


class Branch(Protocol):
    """A value of a configuration: a mapping, a list or a scalar."""

    @property
    def location(self) -> Location:
        """Where the value stands."""
        ...

    @property
    def tag(self) -> str:
        """What CloudFormation's short forms say before a value: `!Ref`; empty for all others."""
        ...

    def pairs(self) -> Iterator[tuple[str, Branch, Location]]:
        """(key, value, place of both) of a mapping; nothing for anything else."""
        ...

    def elements(self) -> list[Branch]:
        """The elements of a list; nothing for anything else."""
        ...

    def scalar(self) -> Value | None:
        """What a scalar says; None for a mapping or a list."""
        ...


def entry(branch: Branch | None, *keys: str) -> Branch | None:
    """The value that the keys lead to."""
    for key in keys:
        branch = next((value for name, value, _ in branch.pairs() if name == key), None) if branch is not None else None
    return branch


def text(branch: Branch | None) -> str:
    """The string or number that a scalar says, as text; empty for anything else and for what is not known."""
    value = branch.scalar() if branch is not None else None
    known = value.value if isinstance(value, Literal) else None
    return str(known) if isinstance(known, str | int | float) and not isinstance(known, bool) else ""


def scalar(branch: Branch | None) -> Value | None:
    """What a scalar says; None where there is none."""
    return branch.scalar() if branch is not None else None


def is_off(branch: Branch | None) -> bool:
    """True where a configuration says `enabled: false`."""
    value = scalar(branch)
    return isinstance(value, Literal) and (value.value is False or str(value.value).lower() in ("false", "disabled"))


def several(branch: Branch | None) -> list[Branch]:
    """The elements of a list, or a single value as the only one."""
    return (branch.elements() or [branch]) if branch is not None else []


def options(branch: Branch | None, depth: int = 3) -> dict[str, Value]:
    """The scalars of a mapping by key, those of mappings in it by dotted keys."""
    found: dict[str, Value] = {}
    for key, value, _ in branch.pairs() if branch is not None else ():
        known = value.scalar()
        if known is not None:
            found[key] = known
        elif depth:
            found.update({f"{key}.{inner}": v for inner, v in options(value, depth - 1).items()})
    return found
