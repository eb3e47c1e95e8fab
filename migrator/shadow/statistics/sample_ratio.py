"""Did the split give each arm the share that was asked for? If not, the arms differ in more than their system."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2

CONCENTRATION = 100.0  # of the prior around the planned shares; 10000 would need tens of thousands of jobs to notice anything


def chi_square(counts: Sequence[int], weights: Sequence[float]) -> float:
    """p-value, for a single look at the end. Arms of weight zero take no part: nothing was asked of them."""
    used = [(n, w) for n, w in zip(counts, weights, strict=True) if w > 0]
    total, weight = sum(n for n, _ in used), sum(w for _, w in used)
    if total == 0 or len(used) < 2:
        return 1.0
    statistic = sum((n - total * w / weight) ** 2 / (total * w / weight) for n, w in used)
    return float(chi2.sf(statistic, len(used) - 1))


def log_bayes_factor(counts: Sequence[int], weights: Sequence[float], prior: Sequence[float] | None = None) -> float:
    """Natural logarithm of the evidence that the shares are not the planned ones (Dirichlet-multinomial against multinomial)."""
    total_weight = sum(weights)
    planned = np.array(weights) / total_weight
    alpha = np.array(prior) if prior is not None else CONCENTRATION * planned
    n = np.array(counts)
    return float(
        gammaln(alpha.sum()) - gammaln(alpha.sum() + n.sum()) + (gammaln(alpha + n) - gammaln(alpha)).sum() - (n * np.log(planned)).sum()
    )


def sequential(looks: Iterable[Sequence[int]], weights: Sequence[float]) -> float:
    """p-value that stays valid however often one looks: `looks` are cumulative counts in the order of time.

    Arms of weight zero take no part.
    """
    places = [i for i, w in enumerate(weights) if w > 0]
    used = [weights[i] for i in places]
    if len(used) < 2:
        return 1.0
    least = 1.0
    for counts in looks:
        least = min(least, math.exp(min(0.0, -log_bayes_factor([counts[i] for i in places], used))))
    return least
