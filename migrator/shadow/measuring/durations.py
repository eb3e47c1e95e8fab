"""A collection of durations, some of which are not over and some of which nobody could see."""

from __future__ import annotations

from array import array

import msgspec
import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.folded import FoldedTimes
from migrator.shadow.statistics.empirical import band
from migrator.shadow.statistics.interval import Interval
from migrator.shadow.statistics.quantiles import Values, quantile_interval, trials_needed
from migrator.shadow.statistics.survival import Flags, SurvivalCurve, kaplan_meier


class Durations(msgspec.Struct, frozen=True):
    """Seconds. Where `ended[i]` is false it is at least `values[i]`, infinite for what never will end. `unknown`: how many nobody saw."""

    values: Values
    ended: Flags
    unknown: int = 0

    @property
    def n(self) -> int:
        """Durations seen, over or not."""
        return len(self.values)

    @property
    def over(self) -> int:
        """Durations seen to their end."""
        return int(self.ended.sum())

    @property
    def at_least(self) -> Values:
        """Sorted; what is not over counts as its age."""
        return np.sort(self.values)

    @property
    def at_most(self) -> Values:
        """Sorted; what is not over counts as infinite."""
        return np.sort(np.where(self.ended, self.values, np.inf))

    def curve(self) -> SurvivalCurve:
        """Kaplan and Meier's estimate."""
        return kaplan_meier(self.values, self.ended)

    def share_within(self, seconds: Values, alpha: float = 0.05) -> tuple[Values, Values]:
        """Lower and upper band of the share that ends within each time, everywhere at once.

        Widened by what is not known of open jobs: the lower band has them never end, the upper band at once.
        """
        reach = band(self.n, alpha)
        low, high = (
            np.searchsorted(bound, seconds, side="right") / max(1, self.n) + shift
            for bound, shift in ((self.at_most, -reach), (self.at_least, reach))
        )
        return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)

    def quantile_interval(self, q: float, level: float = 0.95) -> Interval:
        """For one look: exact by order statistics while all have ended, else Brookmeyer and Crowley's; open above where too few have."""
        if self.over == self.n:
            return quantile_interval(self.at_least, q, level)
        found = self.curve().quantile_interval(q, level)
        return found if self.over >= trials_needed(q, level) else Interval(found.low, np.inf)


class Gathering:
    """Collects durations one by one, at nine bytes each.

    Times come from several clocks. A duration below zero by no more than `tolerance_ns` counts as zero and in `rounded`;
    one further below is impossible, is left out, and counts in `negative`.
    """

    def __init__(self, tolerance_ns: int = 0) -> None:
        self._tolerance = tolerance_ns
        self._seconds, self._ended, self._since = array("d"), bytearray(), array("q")
        self.unknown = self.rounded = self.negative = 0

    def over(self, nanoseconds: int | None) -> None:
        """A duration seen to its end; None where it could not be seen."""
        if nanoseconds is None:
            self.unknown += 1
        elif nanoseconds < -self._tolerance:
            self.negative += 1
        else:
            self.rounded += nanoseconds < 0
            self._seconds.append(max(0, nanoseconds) / 1e9)
            self._ended.append(1)

    def all_over(self, nanoseconds: NDArray[np.int64]) -> None:
        """Durations seen to their end, many at once."""
        possible = nanoseconds[nanoseconds >= -self._tolerance]
        self.negative += len(nanoseconds) - len(possible)
        self.rounded += int((possible < 0).sum())
        self._seconds.frombytes((np.maximum(0, possible) / 1e9).tobytes())
        self._ended.extend(b"\1" * len(possible))

    def sketched(self, seconds: Values, counts: FoldedTimes) -> None:
        """Durations of jobs that were folded: estimates of those that were over, and how many there were of the others."""
        self._seconds.frombytes(seconds.tobytes())
        self._ended.extend(b"\1" * len(seconds))
        self.unknown += counts.unknown
        self.rounded += counts.rounded
        self.negative += counts.negative

    def watched(self, seconds: float) -> None:
        """Not over after `seconds`, and no longer watched; infinite for what will never end."""
        self._seconds.append(max(0.0, seconds))
        self._ended.append(0)

    def open_since(self, began_ns: int) -> None:
        """Not over when last seen: its age is known when the gathering is closed."""
        self._since.append(began_ns)

    def close(self, until_ns: int) -> Durations:
        """All of them, the open ones at their age at `until_ns`."""
        ages = np.maximum(0, until_ns - np.array(self._since, dtype=np.int64)) / 1e9
        values = np.concatenate([np.array(self._seconds, dtype=np.float64), ages])
        ended = np.concatenate([np.array(self._ended, dtype=np.bool_), np.zeros(len(ages), dtype=np.bool_)])
        # In one order, however they came: sums of floating numbers depend on it.
        order = np.lexsort((ended, values))
        return Durations(values=values[order], ended=ended[order], unknown=self.unknown)
