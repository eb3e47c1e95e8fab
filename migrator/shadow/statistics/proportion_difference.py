"""The difference of two independent proportions, first minus second, at sizes fixed before looking.

The score test with a margin (Miettinen and Nurminen 1985; Farrington and Manning 1990) is written out here because the widely used
implementation has a wrong coefficient for every margin other than zero (statsmodels issue 10269).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from .interval import Interval
from .proportions import check_counts, wilson
from .quantiles import Values
from .roots import crossing


def newcombe(events: int, trials: int, other_events: int, other_trials: int, level: float = 0.95) -> Interval:
    """Newcombe's hybrid score interval (1998, method 10): for showing a difference."""
    if trials == 0 or other_trials == 0:
        return Interval(-1.0, 1.0)
    first, second = wilson(events, trials, level), wilson(other_events, other_trials, level)
    p, q = events / trials, other_events / other_trials
    return Interval(
        p - q - math.hypot(p - first.low, second.high - q),
        p - q + math.hypot(first.high - p, q - second.low),
    )


def score(
    events: int, trials: int, other_events: int, other_trials: int, difference: float = 0.0, *, unbiased_variance: bool = False
) -> float:
    """Standardised distance of the seen difference from the supposed one.

    Farrington and Manning's statistic; with `unbiased_variance` Miettinen and Nurminen's, whose variance is larger by N/(N-1).
    """
    check_counts(events, trials)
    check_counts(other_events, other_trials)
    p, q = events / trials, other_events / other_trials
    first = float(constrained(p, q, other_trials / trials, difference))
    second = first - difference
    variance = first * (1 - first) / trials + second * (1 - second) / other_trials
    if unbiased_variance:
        both = trials + other_trials
        variance *= both / (both - 1)
    distance = p - q - difference
    if variance <= 0:
        return 0.0 if abs(distance) < 1e-12 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def not_larger_by(events: int, trials: int, other_events: int, other_trials: int, margin: float) -> float:
    """p-value of the claim that the first proportion exceeds the second by less than `margin` (Farrington and Manning)."""
    return float(ndtr(score(events, trials, other_events, other_trials, margin)))


def score_interval(
    events: int, trials: int, other_events: int, other_trials: int, level: float = 0.95, *, unbiased_variance: bool = False
) -> Interval:
    """All differences that the score test does not reject, two-sided."""
    if trials == 0 or other_trials == 0:
        return Interval(-1.0, 1.0)
    z = float(ndtri(0.5 + level / 2))
    seen = events / trials - other_events / other_trials

    def excess(difference: float, side: float) -> float:
        statistic = score(events, trials, other_events, other_trials, difference, unbiased_variance=unbiased_variance)
        return max(-1e6, min(1e6, statistic)) - side * z

    end = 1 - 1e-12
    low = -1.0 if excess(-end, 1) <= 0 else crossing(lambda difference: excess(difference, 1), -end, min(seen, end))
    high = 1.0 if excess(end, -1) >= 0 else crossing(lambda difference: excess(difference, -1), max(seen, -end), end)
    return Interval(low, high)


def constrained(share: ArrayLike, other: ArrayLike, ratio: ArrayLike, difference: ArrayLike) -> Values:
    """The most likely first proportion, given that it exceeds the second by exactly `difference`: a root of a cubic.

    `share` and `other` are what was seen, `ratio` the size of the second sample over that of the first.
    """
    p, q, theta, delta = (np.asarray(value, dtype=np.float64) for value in (share, other, ratio, difference))
    a = 1 + theta
    b = -(1 + theta + p + theta * q + delta * (theta + 2))
    c = delta**2 + delta * (2 * p + theta + 1) + p + theta * q
    d = -p * delta * (1 + delta)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = np.copysign(np.sqrt(np.maximum(0.0, b * b / (9 * a * a) - c / (3 * a))), v)
    # Where u is 0 the three roots are one, and the cosine does not matter.
    w = (math.pi + np.arccos(np.clip(v / np.where(u == 0.0, 1.0, u) ** 3, -1.0, 1.0))) / 3
    return np.clip(2 * u * np.cos(w) - b / (3 * a), np.maximum(0.0, delta), np.minimum(1.0, 1 + delta))
