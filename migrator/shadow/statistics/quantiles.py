"""Sample quantiles and their intervals from order statistics: no assumption about the shape of the distribution.

The quantile `q` of n values is the ceil(n*q)-th smallest: always a value that was seen. Values may be infinite, which is how a job
that has not ended enters: larger than all that have.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from .interval import Interval

Values = NDArray[np.float64]


def rank(n: int, q: float) -> int:
    """1-based place of the quantile among n sorted values.

    >>> rank(100, 0.5), rank(231, 0.95), rank(1, 0.99)
    (50, 220, 1)
    """
    # 100 * 0.95 is 95.00000000000001 in binary, and must still be the 95th.
    return min(n, max(1, math.ceil(n * q - 1e-9)))


def quantile(ordered: Values, q: float) -> float:
    """Of values sorted ascending; not-a-number when there are none."""
    return float(ordered[rank(len(ordered), q) - 1]) if len(ordered) else math.nan


def ranks_around(n: int, q: float, level: float = 0.95) -> tuple[int, int]:
    """1-based ranks whose values bracket the true quantile; 0 or n + 1 where n values cannot bound that side.

    >>> ranks_around(100, 0.5)
    (40, 61)
    """
    tail = (1 - level) / 2
    low = int(binom.ppf(tail, n, q))
    high = int(binom.ppf(1 - tail, n, q)) + 1
    return low, high


def quantile_interval(ordered: Values, q: float, level: float = 0.95) -> Interval:
    """For durations: an unbounded lower side is 0, an unbounded upper side infinite."""
    low, high = ranks_around(len(ordered), q, level) if len(ordered) else (0, 1)
    return between(ordered, low, high)


def between(ordered: Values, low: int, high: int) -> Interval:
    """The values at two 1-based ranks, either of which may lie outside the sample."""
    return Interval(
        float(ordered[low - 1]) if low >= 1 else 0.0,
        float(ordered[high - 1]) if high <= len(ordered) else math.inf,
    )


@cache
def trials_needed(q: float, level: float = 0.95) -> int:
    """Fewest values with which both sides of the interval are bounded.

    >>> trials_needed(0.95), trials_needed(0.99)
    (72, 368)
    """
    n = 1
    while not all(1 <= place <= n for place in ranks_around(n, q, level)):
        n += 1
    return n
