"""An estimate with a standard error, watched as it grows: a normal interval widened so that it holds at every look at once.

Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences". Good once there are
enough values for the normal approximation; the beta-binomial sequence is for before.
"""

from __future__ import annotations

import math

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
    reach = _reach(standard_error, n, spread, math.log(math.sqrt(spread) / alpha))
    return Interval(estimate - reach, estimate + reach)


def upper_sequence(estimate: float, standard_error: float, n: int, alpha: float = 0.05, tightest_at: int = 5000) -> float:
    """Bound from above alone, wrong at any look ever with a chance of about `alpha`."""
    if n == 0:
        return math.inf
    spread = n * tuning(2 * alpha, tightest_at) ** 2 + 1
    return estimate + _reach(standard_error, n, spread, math.log1p(math.sqrt(spread) / (2 * alpha)))


def shrunk_difference(events: int, trials: int, other_events: int, other_trials: int) -> tuple[float, float]:
    """Difference of two proportions and a standard error that is never zero: one success and one failure added to each (Agresti, Caffo)."""
    p, q = (events + 1) / (trials + 2), (other_events + 1) / (other_trials + 2)
    return p - q, math.sqrt(p * (1 - p) / (trials + 2) + q * (1 - q) / (other_trials + 2))


def _reach(standard_error: float, n: int, spread: float, log_term: float) -> float:
    # spread = n rho^2 + 1, so n rho^2 = spread - 1 and n^2 rho^2 = n (spread - 1).
    return standard_error * math.sqrt(n) * math.sqrt(2 * spread / (n * (spread - 1)) * log_term)
