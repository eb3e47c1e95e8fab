"""A quantile watched as the sample grows: ranks whose values bracket it at every look at once.

How many values lie at or below the true quantile is a coin with a known bias, so the martingale of the beta-binomial sequence
applies with the roles turned round: the share is known, the count is not.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from .quantiles import Values

#: values that the priors are worth, half of the weight each: the light one tells early, the heavy one tells much from many
WORTH = (2.0, 200.0)


def log_evidence(count: NDArray[np.int64], n: int, q: float) -> Values:
    """Natural logarithm of the evidence against `count` of n values lying at or below the true quantile.

    The priors are centred on q: flat ones would waste their weight far from a tail quantile.
    """
    mixed = [betaln(m * q + count, m * (1 - q) + n - count) - betaln(m * q, m * (1 - q)) for m in WORTH]
    return np.logaddexp(*mixed) - math.log(2) - count * math.log(q) - (n - count) * math.log1p(-q)


def ranks_in_sequence(n: int, q: float, alpha: float = 0.05) -> tuple[int, int]:
    """1-based ranks; 0 or n + 1 where the sample cannot bound that side yet."""
    if n == 0:
        return 0, 1
    # The plausible counts are a run around n * q, of the order of the square root of n: no need to try all of them.
    reach = 10 + int(math.sqrt(2 * n * q * (1 - q) * (math.log(n + 1) + 5 - math.log(alpha))))
    counts = np.arange(max(0, int(n * q) - reach), min(n, int(n * q) + reach) + 1)
    plausible = counts[log_evidence(counts, n, q) < -math.log(alpha)]
    return int(plausible[0]), int(plausible[-1]) + 1


@cache
def values_needed(q: float, alpha: float = 0.05) -> int:
    """Fewest values with which both sides can be bounded.

    >>> values_needed(0.95), values_needed(0.5)
    (79, 9)
    """
    n = 1
    while not all(1 <= place <= n for place in ranks_in_sequence(n, q, alpha)):
        n += 1
    return n
