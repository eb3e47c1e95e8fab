"""What one job uses of one limit of a system."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.jobs.findings import Spot
from migrator.systems.limits import Limit

#: bytes
KIB = 1024


class LimitUse(msgspec.Struct, frozen=True):
    """One limit and what one job uses of it, both in the limit's unit.

    `share`: 1 is all of it; None: not known. `needs`: the sizes that would settle it; `bounds`: up to which sizes it fits, in sentences.
    `today`: it is a limit of the system that the job leaves, and none of the target.
    """

    id: str
    title: str
    formula: str
    value: float | None
    maximum: float
    unit: OneOf["s", "bytes", "count"]
    share: float | None
    plan: str
    place: Spot
    source: str
    bounds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    at_least: bool = False  #: there may be more than `value`
    today: bool = False

    @property
    def exceeded(self) -> bool:
        """True where it is known to be too much for the target, on every plan of its vendor."""
        return self.share is not None and self.share > 1 and not self.plan and not self.today


def use_of(limit: Limit, formula: str, value: float | None, place: Spot, *, needs: tuple[str, ...] = (), today: bool = False) -> LimitUse:
    """What is used of a limit; `value` None: not known."""
    share = round(value / limit.value, 4) if value is not None and limit.value else None
    return LimitUse(
        limit.id,
        limit.title,
        formula,
        value,
        limit.value,
        limit.unit,
        share,
        limit.plan,
        place,
        f"{limit.source}, {limit.checked}",
        needs=needs,
        today=today,
    )
