"""Intervals for one proportion seen once, at a number of trials fixed before looking."""

from __future__ import annotations

import math

from scipy.special import betaincinv, ndtri

from .interval import Interval


def wilson(events: int, trials: int, level: float = 0.95) -> Interval:
    """Wilson's score interval, two-sided (E. B. Wilson, 1927).

    >>> w = wilson(81, 263)
    >>> round(w.low, 4), round(w.high, 4)
    (0.2553, 0.3662)
    """
    check_counts(events, trials)
    if trials == 0:
        return Interval(0.0, 1.0)
    z = float(ndtri(0.5 + level / 2))
    share = events / trials
    middle = share + z * z / (2 * trials)
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # The formula is exact at the ends; floating point is not.
    low = 0.0 if events == 0 else (middle - reach) / scale
    high = 1.0 if events == trials else (middle + reach) / scale
    return Interval(low, high)


def clopper_pearson(events: int, trials: int, level: float = 0.95) -> Interval:
    """The exact interval, two-sided: never covers less than `level`, usually more."""
    check_counts(events, trials)
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, tail))
    return Interval(low, upper_bound(events, trials, 1 - tail))


def upper_bound(events: int, trials: int, level: float = 0.95) -> float:
    """Clopper and Pearson's bound from above alone: what "we saw none in 231" allows.

    >>> round(upper_bound(0, 231), 5)
    0.01288
    """
    check_counts(events, trials)
    if events == trials:
        return 1.0
    return float(betaincinv(events + 1, trials - events, level))


def check_counts(events: int, trials: int) -> None:
    """Raises ValueError for counts that cannot be: a caller's bug, not a user's."""
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials")
