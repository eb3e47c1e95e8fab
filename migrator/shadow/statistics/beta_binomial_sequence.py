"""A proportion watched as it grows: bounds that hold at every look at once, however often and whenever one looks.

The running odds of a uniform prior against each candidate value are a martingale under that value, so by Ville's inequality they
exceed 1/alpha at any time with a chance of at most alpha. Exact at every n, from the first job on.
"""

from __future__ import annotations

import math

from scipy.special import betaln

from .interval import Interval
from .proportions import check_counts
from .roots import crossing


def log_odds_against(share: float, events: int, trials: int) -> float:
    """Natural logarithm of the evidence against the proportion being `share`; its exponential's inverse is an anytime p-value."""
    impossible = (share <= 0 and events > 0) or (share >= 1 and events < trials)
    if impossible:
        return math.inf
    likelihood = (events * math.log(share) if events else 0.0) + ((trials - events) * math.log1p(-share) if trials > events else 0.0)
    return float(betaln(1 + events, 1 + trials - events)) - likelihood


def proportion_sequence(events: int, trials: int, alpha: float = 0.05) -> Interval:
    """All proportions not yet ruled out; wrong at any look ever with a chance of at most `alpha`.

    >>> round(proportion_sequence(0, 231).high, 5)
    0.03589
    """
    check_counts(events, trials)
    if trials == 0:
        return Interval(0.0, 1.0)
    limit = -math.log(alpha)
    seen = events / trials

    def excess(share: float) -> float:
        return min(1e6, log_odds_against(share, events, trials)) - limit

    low = 0.0 if events == 0 else crossing(excess, 1e-300, seen)
    high = 1.0 if events == trials else crossing(excess, seen, 1 - 1e-16)
    return Interval(low, high)
