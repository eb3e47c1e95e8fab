"""The ratio of the same quantile in two samples, by bootstrap.

Resampling n values and taking the k-th smallest is the same as looking up the value at a place drawn from Beta(k, n - k + 1), so no
resample is ever made: ten thousand replicates cost two draws each, at any n.
"""

from __future__ import annotations

import numpy as np

from .interval import Interval
from .quantiles import Values, rank

REPLICATES = 10_000


def bootstrap_ratio(ordered: Values, other: Values, q: float, level: float = 0.95, seed: int = 0) -> Interval:
    """Percentile interval of quantile(first) / quantile(second); both sorted ascending, values may be infinite.

    0 to infinity where a sample is empty or the ratio cannot be bounded.
    """
    if not len(ordered) or not len(other):
        return Interval(0.0, np.inf)
    generator = np.random.default_rng(seed)
    above, below = (_replicates(sample, q, generator) for sample in (ordered, other))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = above / below
    # inf / inf and 0 / 0 say nothing about the ratio: they widen both sides.
    lows = np.sort(np.where(np.isnan(ratios), 0.0, ratios))
    highs = np.sort(np.where(np.isnan(ratios), np.inf, ratios))
    tail = (1 - level) / 2
    return Interval(float(lows[int(tail * REPLICATES)]), float(highs[int((1 - tail) * REPLICATES) - 1]))


def _replicates(ordered: Values, q: float, generator: np.random.Generator) -> Values:
    n = len(ordered)
    k = rank(n, q)
    places = generator.beta(k, n - k + 1, REPLICATES) * n
    return ordered[np.minimum(places.astype(np.int64), n - 1)]
