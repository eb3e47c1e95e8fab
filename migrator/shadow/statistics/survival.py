"""Durations of which some are not over yet: Kaplan and Meier's curve, its quantiles, and the log-rank test.

Leaving unfinished jobs out would make the system that finishes only its quick jobs look the fastest.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import chi2

from .interval import Interval
from .quantiles import Values

Flags = NDArray[np.bool_]


class SurvivalCurve(msgspec.Struct, frozen=True):
    """`remaining[i]` is the share still open just after `times[i]`; `variance` is Greenwood's, of the logarithm of that share."""

    times: Values
    remaining: Values
    variance: Values

    def share_ended(self, time: float) -> float:
        """Estimated share of jobs that end within `time` seconds."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return 0.0 if place < 0 else 1.0 - float(self.remaining[place])

    def quantile(self, q: float) -> float:
        """Smallest time by which a share of q has ended; infinite where so many have not been seen to end."""
        # A share such as 1 - 0.95 is not exact in binary: compare with a hair of slack.
        reached = np.flatnonzero(self.remaining <= 1 - q + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else math.inf

    def quantile_interval(self, q: float, level: float = 0.95) -> Interval:
        """Brookmeyer and Crowley's interval on the log(-log) scale, at a time of looking fixed beforehand."""
        z = float(ndtri(0.5 + level / 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            log_share = np.log(self.remaining)
            centre = np.log(-log_share)
            spread = np.sqrt(self.variance) / np.abs(log_share)
            # At a share of exactly 0 the band closes on 0.
            upper = np.where(self.remaining > 0, np.exp(-np.exp(centre - z * spread)), 0.0)
            lower = np.where(self.remaining > 0, np.exp(-np.exp(centre + z * spread)), 0.0)
        low, high = np.flatnonzero(lower <= 1 - q + 1e-12), np.flatnonzero(upper <= 1 - q + 1e-12)
        return Interval(
            float(self.times[low[0]]) if len(low) else 0.0 if not len(self.times) else float(self.times[-1]),
            float(self.times[high[0]]) if len(high) else math.inf,
        )


def kaplan_meier(durations: Values, ended: Flags) -> SurvivalCurve:
    """`durations` in seconds; `ended[i]` is false where job i was still open when last seen."""
    times, counts = np.unique(durations[ended], return_counts=True)
    at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left")
    remaining = np.cumprod(1 - counts / at_risk, dtype=np.float64)
    with np.errstate(divide="ignore"):
        variance = np.cumsum(counts / (at_risk * (at_risk - counts)))
    return SurvivalCurve(times, remaining, variance)


def log_rank(first: Values, first_ended: Flags, second: Values, second_ended: Flags) -> tuple[float, float]:
    """Chi-square (one degree of freedom) and p-value of the hypothesis that both samples end alike."""
    times = np.unique(np.concatenate([first[first_ended], second[second_ended]]))
    risk_first, risk_second = (len(d) - np.searchsorted(np.sort(d), times, side="left") for d in (first, second))
    ends_first, ends_second = (_counts_at(d[e], times) for d, e in ((first, first_ended), (second, second_ended)))
    risk, ends = risk_first + risk_second, ends_first + ends_second
    expected = ends * risk_first / risk
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(risk > 1, ends * (risk_first / risk) * (risk_second / risk) * (risk - ends) / (risk - 1), 0.0)
    total = float(variance.sum())
    statistic = 0.0 if total == 0 else float((ends_first - expected).sum()) ** 2 / total
    return statistic, float(chi2.sf(statistic, 1))


def _counts_at(values: Values, times: Values) -> NDArray[np.int64]:
    ordered = np.sort(values)
    return np.searchsorted(ordered, times, side="right") - np.searchsorted(ordered, times, side="left")
