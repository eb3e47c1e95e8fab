"""What an estimate may be: two bounds, either of which may be open."""

from __future__ import annotations

import math

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """`low <= high`; a side that the data cannot bound is infinite (and `null` in JSON)."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def bounded(self) -> bool:
        """
        >>> Interval(0.5, math.inf).bounded
        False
        """
        return math.isfinite(self.low) and math.isfinite(self.high)
