"""Observations that come in clusters and are alike within them: how much less they tell than as many on their own."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .interval import Interval
from .quantiles import Values

Labels = NDArray[np.int64]
REPLICATES = 1000
WORK = 20_000_000  # values looked at by one bootstrap: fewer replicates of large samples
FEWEST_REPLICATES = 200


def design_effect(events: NDArray[np.bool_], cluster: Labels) -> float:
    """So many observations tell as much as one on its own (Rao and Scott 1992): the variance of their share over the binomial one.

    At least 1. Without any event, or without anything else, clusters may be wholly alike for all that is known: then it is the mean size
    of an observation's cluster, which is also the most that it can be.

    >>> design_effect(np.array([True, True, False, False]), np.array([1, 1, 2, 2]))
    2.0
    """
    n = len(events)
    if not n:
        return 1.0
    names, place = np.unique(cluster, return_inverse=True)
    sizes, hits = np.bincount(place), np.bincount(place, weights=events)
    most = float((sizes**2).sum()) / n
    share, groups = float(events.mean()), len(names)
    if groups < 2 or share in (0.0, 1.0):
        return max(1.0, most)
    variance = groups / (groups - 1) * float(((hits - share * sizes) ** 2).sum()) / n**2
    return min(max(1.0, variance / (share * (1 - share) / n)), max(1.0, most))


def bootstrap_ratio_by_cluster(
    values: Values, cluster: Labels, others: Values, other_cluster: Labels, q: float, level: float = 0.95, seed: int = 0
) -> Interval:
    """Percentile interval of quantile(first) / quantile(second), drawing whole clusters with replacement. Values may be infinite.

    0 to infinity where a sample is empty or the ratio cannot be bounded.
    """
    if not len(values) or not len(others):
        return Interval(0.0, math.inf)
    generator = np.random.default_rng(seed)
    replicates = min(REPLICATES, max(FEWEST_REPLICATES, WORK // (len(values) + len(others))))
    above, below = (_replicates(*sample, q, replicates, generator) for sample in ((values, cluster), (others, other_cluster)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = above / below
    # inf / inf and 0 / 0 say nothing about the ratio: they widen both sides.
    lows = np.sort(np.where(np.isnan(ratios), 0.0, ratios))
    highs = np.sort(np.where(np.isnan(ratios), np.inf, ratios))
    tail = (1 - level) / 2
    return Interval(float(lows[int(tail * replicates)]), float(highs[max(0, int((1 - tail) * replicates) - 1)]))


def _replicates(values: Values, cluster: Labels, q: float, replicates: int, generator: np.random.Generator) -> Values:
    order = np.argsort(values, kind="stable")
    names, place = np.unique(cluster[order], return_inverse=True)
    ordered, found = values[order], np.empty(replicates)
    even = np.full(len(names), 1 / len(names))
    for i in range(replicates):
        reached = np.cumsum(generator.multinomial(len(names), even)[place])
        found[i] = ordered[np.searchsorted(reached, q * reached[-1] - 1e-9, side="left")]
    return found
