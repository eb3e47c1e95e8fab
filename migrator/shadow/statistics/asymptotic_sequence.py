"""An estimate with a standard error, watched as it grows: a normal interval widened so that it holds at every look at once.

Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences". Good once there are
enough values for the normal approximation; the beta-binomial sequence is for before.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .interval import Interval


def tuning(alpha: float, tightest_at: int) -> float:
    """The mixture's width that makes the two-sided sequence tightest at `tightest_at` values.

    >>> round(tuning(0.05, 5000), 7)
    0.0398401
    """
    twice_log = -2 * math.log(alpha)
    return math.sqrt((twice_log + math.log(twice_log + 1)) / tightest_at)


def estimate_sequence(estimate: float, standard_error: float, n: int, alpha: float = 0.05, tightest_at: int = 5000) -> Interval:
    """Two-sided; `n` values in all went into the estimate."""
    if n == 0:
        return Interval(-math.inf, math.inf)
    spread = n * tuning(alpha, tightest_at) ** 2 + 1
    reach = float(_reach(standard_error, spread, math.log(math.sqrt(spread) / alpha)))
    return Interval(estimate - reach, estimate + reach)


def upper_sequence(
    estimate: ArrayLike, standard_error: ArrayLike, n: ArrayLike, alpha: float = 0.05, tightest_at: int = 5000
) -> NDArray[np.float64]:
    """Bound from above alone, wrong at any look ever with a chance of about `alpha`; of one estimate, or of many."""
    sizes = np.asarray(n, dtype=np.float64)
    spread = sizes * tuning(2 * alpha, tightest_at) ** 2 + 1
    with np.errstate(divide="ignore"):
        return np.asarray(estimate, dtype=np.float64) + _reach(standard_error, spread, np.log1p(np.sqrt(spread) / (2 * alpha)))


def shrunk_difference(
    events: ArrayLike, trials: ArrayLike, other_events: ArrayLike, other_trials: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Difference of two proportions and a standard error that is never zero: one success and one failure added to each (Agresti, Caffo)."""
    s, n, t, m = (np.asarray(value, dtype=np.float64) for value in (events, trials, other_events, other_trials))
    p, q = (s + 1) / (n + 2), (t + 1) / (m + 2)
    return np.asarray(p - q), np.sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))


def _reach(standard_error: ArrayLike, spread: ArrayLike, log_term: ArrayLike) -> NDArray[np.float64]:
    # spread = n rho^2 + 1, so of the formula's factor 2 spread / (n^2 rho^2) times n, 2 spread / (spread - 1) is left.
    grown = np.asarray(spread, dtype=np.float64)
    return np.asarray(standard_error, dtype=np.float64) * np.sqrt(2 * grown / (grown - 1) * np.asarray(log_term, dtype=np.float64))
