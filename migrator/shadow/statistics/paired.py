"""Two answers to each of the same questions: what differs is told by the pairs that disagree."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from scipy.special import ndtri
from scipy.stats import binomtest, rankdata, wilcoxon

from .asymptotic_sequence import estimate_sequence, upper_sequence
from .beta_binomial_sequence import proportion_sequence
from .interval import Interval
from .location_shift import Side
from .quantiles import Values

NORMAL_FROM = 100  #: pairs, and
DISAGREEMENTS = 10  #: each way: fewer are judged exactly
EXACT_UP_TO = 50  #: pairs that differ, without ties: the exact distribution of the test is cheap up to here


def mcnemar(only_first: int, only_second: int) -> float:
    """Pairs in which exactly one of the two failed: is it as often the first as the second? Exact, two-sided p-value."""
    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue) if only_first + only_second else 1.0


def difference_of_pairs(only_first: int, only_second: int, pairs: int, alpha: float = 0.05, tightest_at: int = 5000) -> Interval:
    """Share of the first minus that of the second, watched: each end is wrong, at any look ever, with a chance of at most `alpha`.

    Exact while few pairs disagree (both shares of disagreement bounded at half of alpha), else an asymptotic sequence.
    """
    if not pairs:
        return Interval(-1.0, 1.0)
    if pairs < NORMAL_FROM or min(only_first, only_second) < DISAGREEMENTS:
        first, second = (proportion_sequence(count, pairs, alpha / 2) for count in (only_first, only_second))
        return Interval(first.low - second.high, first.high - second.low)
    estimate, error = _shrunk(only_first, only_second, pairs)
    reach = float(upper_sequence(0.0, error, pairs, alpha, tightest_at))
    return Interval(estimate - reach, estimate + reach)


def difference_at_one_look(only_first: int, only_second: int, pairs: int, level: float = 0.95) -> Interval:
    """The same for a size fixed beforehand: Wald's interval with half a pair added to each of the four sorts (Agresti and Min 2005)."""
    if not pairs:
        return Interval(-1.0, 1.0)
    estimate, error = _shrunk(only_first, only_second, pairs)
    z = float(ndtri(0.5 + level / 2))
    return Interval(max(-1.0, estimate - z * error), min(1.0, estimate + z * error))


def signed_rank(differences: Values, side: Side = "two-sided") -> tuple[float, float]:
    """Wilcoxon's test for pairs: the sum of the ranks of positive differences, and its p-value; exact while there are few, without ties."""
    moved = differences[differences != 0]
    if not len(moved):
        return 0.0, 1.0
    sizes = np.abs(moved)
    positive = float(rankdata(sizes)[moved > 0].sum())
    exact = len(moved) <= EXACT_UP_TO and len(np.unique(sizes)) == len(moved)
    return positive, float(cast("Any", wilcoxon(moved, alternative=side, method="exact" if exact else "asymptotic")).pvalue)


def ratio_of_pairs(first: Values, second: Values, level: float = 0.95) -> tuple[float, Interval, float]:
    """How many times as long the first takes, typically: Hodges and Lehmann's estimate on logarithms, its interval, Wilcoxon's p-value.

    Both above 0, for the same jobs in the same order, at least one pair. For one look.
    """
    differences = np.log(first) - np.log(second)
    estimate, interval = _centre(differences, level)
    return math.exp(estimate), Interval(math.exp(interval.low), math.exp(interval.high)), signed_rank(differences)[1]


def watched_ratio_of_pairs(first: Values, second: Values, alpha: float = 0.05, tightest_at: int = 5000) -> Interval:
    """The geometric mean of the ratios, however often one looks: an asymptotic sequence on logarithms; open below `NORMAL_FROM` pairs."""
    n = len(first)
    if n < NORMAL_FROM:
        return Interval(0.0, math.inf)
    differences = np.log(first) - np.log(second)
    found = estimate_sequence(float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(n), n, alpha, tightest_at)
    return Interval(math.exp(found.low), math.exp(found.high))


def _shrunk(only_first: int, only_second: int, pairs: int) -> tuple[float, float]:
    b, c, n = only_first + 0.5, only_second + 0.5, pairs + 2
    return (b - c) / n, math.sqrt(b + c - (b - c) ** 2 / n) / n


def _centre(differences: Values, level: float) -> tuple[float, Interval]:
    """The median of all Walsh averages, and those at the ranks that Wilcoxon's test does not reject (by its normal approximation)."""
    ordered = np.sort(differences)
    n = len(ordered)
    total = n * (n + 1) // 2
    cut = math.floor(total / 2 + float(ndtri((1 - level) / 2)) * math.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    middle = (_walsh(ordered, (total + 1) // 2) + _walsh(ordered, total // 2 + 1)) / 2
    if cut < 1:
        return middle, Interval(-math.inf, math.inf)
    return middle, Interval(_walsh(ordered, cut), _walsh(ordered, total + 1 - cut))


def _walsh(ordered: Values, place: int) -> float:
    """The place-th smallest (1-based) average of two, each with itself as well, without making them: bisection on how many lie below."""
    low, high = float(ordered[0]), float(ordered[-1])
    while True:
        middle = low + (high - low) / 2
        if middle <= low or middle >= high:
            break
        if _averages_up_to(ordered, middle) >= place:
            high = middle
        else:
            low = middle
    return low if _averages_up_to(ordered, low) >= place else high


def _averages_up_to(ordered: Values, value: float) -> int:
    # Pairs i <= j with (x_i + x_j) / 2 <= value: half of the ordered pairs, and of the pairs of each with itself the other half.
    both = int(np.searchsorted(ordered, 2 * value - ordered, side="right").sum())
    return (both + int((ordered <= value).sum())) // 2
