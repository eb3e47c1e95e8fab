"""Is one sample shifted against another, and by how much? Ranks only: Mann-Whitney's test, Hodges and Lehmann's estimate, Cliff's delta."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy.special import ndtri
from scipy.stats import mannwhitneyu, rankdata

from .interval import Interval
from .quantiles import Values

EXACT_UP_TO = 50  # values in either sample, without ties: the exact distribution of U is cheap up to here
Side = Literal["two-sided", "less", "greater"]


def wins(first: Values, second: Values) -> float:
    """Mann and Whitney's U: pairs in which the first value is larger, ties counting half."""
    ranks = rankdata(np.concatenate([first, second]))
    m = len(first)
    return float(ranks[:m].sum() - m * (m + 1) / 2)


def common_language_effect(first: Values, second: Values) -> float:
    """Chance that a value of the first sample is larger than one of the second, ties counting half."""
    return wins(first, second) / (len(first) * len(second))


def cliffs_delta(first: Values, second: Values) -> float:
    """-1 (always smaller) to 1 (always larger); 0 when neither tends to be larger."""
    return 2 * common_language_effect(first, second) - 1


def mann_whitney(first: Values, second: Values, side: Side = "two-sided") -> float:
    """p-value; exact while both samples are small and without ties."""
    method = "exact" if _exact(first, second) else "asymptotic"
    return float(mannwhitneyu(first, second, alternative=side, method=method).pvalue)


def hodges_lehmann(first: Values, second: Values) -> float:
    """The median of all differences first - second."""
    pairs = len(first) * len(second)
    middle = (pairs + 1) // 2
    ordered = np.sort(first), np.sort(second)
    return (_pair_difference(*ordered, middle) + _pair_difference(*ordered, pairs + 1 - middle)) / 2


def shift_interval(first: Values, second: Values, level: float = 0.95) -> Interval:
    """All shifts that Mann and Whitney's test does not reject, two-sided."""
    m, n = len(first), len(second)
    tail = (1 - level) / 2
    if _exact(first, second):
        chances = _distribution_of_wins(m, n)
        cut = max(1, int(np.searchsorted(np.cumsum(chances), tail, side="left")))
    else:
        cut = math.floor(m * n / 2 + float(ndtri(tail)) * math.sqrt(m * n * (m + n + 1) / 12))
    if cut < 1:
        return Interval(-math.inf, math.inf)
    ordered = np.sort(first), np.sort(second)
    return Interval(_pair_difference(*ordered, cut), _pair_difference(*ordered, m * n + 1 - cut))


def _exact(first: Values, second: Values) -> bool:
    both = np.concatenate([first, second])
    return max(len(first), len(second)) <= EXACT_UP_TO and len(np.unique(both)) == len(both)


def _distribution_of_wins(m: int, n: int) -> Values:
    """Chance of each U from 0 to m * n, without ties: coefficients of a product of polynomials (a Gaussian binomial)."""
    counts = np.zeros(m * n + 1)
    counts[0] = 1.0
    for i in range(1, m + 1):
        # Times (1 - x^(n + i)), then divided by (1 - x^i).
        counts[n + i :] = counts[n + i :] - counts[: max(0, len(counts) - n - i)]
        for start in range(i):
            counts[start::i] = np.cumsum(counts[start::i])
    return counts / counts.sum()


def _pair_difference(first: Values, second: Values, place: int) -> float:
    """The place-th smallest (1-based) of all differences, without making them: bisection on how many lie at or below a value."""
    low, high = float(first[0] - second[-1]), float(first[-1] - second[0])
    while True:
        middle = low + (high - low) / 2
        if middle <= low or middle >= high:
            break
        if _at_most(first, second, middle) >= place:
            high = middle
        else:
            low = middle
    return low if _at_most(first, second, low) >= place else high


def _at_most(first: Values, second: Values, difference: float) -> int:
    return int((len(second) - np.searchsorted(second, first - difference, side="left")).sum())
