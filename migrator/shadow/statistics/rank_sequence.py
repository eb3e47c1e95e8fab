"""A quantile watched as the sample grows: ranks whose values bracket it at every look at once.

How many values lie at or below the true quantile is a coin with a known bias, so the martingale of the beta-binomial sequence
applies with the roles turned round: the share is known, the count is not.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betaln

from .interval import Interval
from .quantiles import Values, between


def ranks_in_sequence(n: int, q: float, alpha: float = 0.05) -> tuple[int, int]:
    """1-based ranks; 0 or n + 1 where the sample cannot bound that side yet."""
    if n == 0:
        return 0, 1
    # A prior centred on q, worth two values: a flat one would waste its weight far from a tail quantile.
    a, b = 2 * q, 2 * (1 - q)
    # The plausible counts are a run around n * q, of the order of the square root of n: no need to try all of them.
    reach = 10 + int(math.sqrt(2 * n * q * (1 - q) * (math.log(n + 1) + 5 - math.log(alpha))))
    counts = np.arange(max(0, int(n * q) - reach), min(n, int(n * q) + reach) + 1)
    evidence = betaln(a + counts, b + n - counts) - betaln(a, b) - counts * math.log(q) - (n - counts) * math.log1p(-q)
    plausible = counts[evidence < -math.log(alpha)]
    return int(plausible[0]), int(plausible[-1]) + 1


def quantile_sequence(ordered: Values, q: float, alpha: float = 0.05) -> Interval:
    """Of values sorted ascending, possibly infinite; wrong at any look ever with a chance of at most `alpha`."""
    return between(ordered, *ranks_in_sequence(len(ordered), q, alpha))


def quantile_bounds(at_least: Values, at_most: Values, q: float, alpha: float = 0.05) -> Interval:
    """The same where some values are known only within limits: `at_least` and `at_most` are sorted bounds of the same sample."""
    low, high = ranks_in_sequence(len(at_least), q, alpha)
    return Interval(between(at_least, low, high).low, between(at_most, low, high).high)
