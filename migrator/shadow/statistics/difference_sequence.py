"""The difference of two proportions watched as both grow, first minus second: exact at every n, from the first job on.

The evidence against a supposed difference is a mixture of the likelihoods of what may be true instead, over the largest likelihood that
the supposed difference allows. Under the supposition its mean is at most 1 at all times, so by Ville's inequality it exceeds 1/alpha at
any look ever with a chance of at most alpha (Wasserman, Ramdas, Balakrishnan, "Universal inference"; Turner, Ly, Grünwald, "Generic
E-variables for exact sequential k-sample tests"). Half of the mixture has both proportions equal, which is what a good candidate hopes
for, half lets them differ; each under Jeffreys' prior, which leaves room for failures that are rare.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, xlog1py, xlogy

from .interval import Interval
from .proportion_difference import constrained
from .proportions import check_counts
from .quantiles import Values
from .roots import crossing

PRIOR = 0.5  # Jeffreys: as if half an event and half a non-event had been seen before


def log_evidence(events: ArrayLike, trials: ArrayLike, other_events: ArrayLike, other_trials: ArrayLike, difference: ArrayLike) -> Values:
    """Natural logarithm of the evidence against the supposed difference, and so against every one further from what was seen.

    Counts may be arrays; all trials at least 1. The inverse of its exponential is an anytime p-value.
    """
    s, n, t, m, apart_by = (np.asarray(value, dtype=np.float64) for value in (events, trials, other_events, other_trials, difference))
    first = constrained(s / n, t / m, m / n, apart_by)
    second = np.clip(first - apart_by, 0.0, 1.0)
    supposed = xlogy(s, first) + xlog1py(n - s, -first) + xlogy(t, second) + xlog1py(m - t, -second)
    equal = _mixed(s + t, n + m)
    apart = _mixed(s, n) + _mixed(t, m)
    return np.asarray(np.logaddexp(equal, apart) - math.log(2) - supposed, dtype=np.float64)


def difference_sequence(events: int, trials: int, other_events: int, other_trials: int, alpha: float = 0.05) -> Interval:
    """All differences not yet ruled out; each end alone is wrong at any look ever with a chance of at most `alpha`.

    >>> found = difference_sequence(5, 100, 3, 120)
    >>> round(found.low, 3), round(found.high, 3)
    (-0.082, 0.154)
    """
    check_counts(events, trials)
    check_counts(other_events, other_trials)
    if trials == 0 or other_trials == 0:
        return Interval(-1.0, 1.0)
    seen, end = events / trials - other_events / other_trials, 1 - 1e-12

    def excess(difference: float) -> float:
        evidence = float(log_evidence(events, trials, other_events, other_trials, difference))
        return min(1e6, evidence) + math.log(alpha)

    low = -1.0 if seen <= -end or excess(-end) < 0 else crossing(excess, -end, seen)
    high = 1.0 if seen >= end or excess(end) < 0 else crossing(excess, seen, end)
    return Interval(low, high)


def _mixed(events: Values, trials: Values) -> Values:
    """Logarithm of the likelihood of these counts, averaged over the prior."""
    return betaln(PRIOR + events, PRIOR + trials - events) - betaln(PRIOR, PRIOR)
