"""By how much one share of jobs may exceed another, however often one looks: an exact method while there is little, a sharper one then."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.statistics.asymptotic_sequence import shrunk_difference, upper_sequence
from migrator.shadow.statistics.difference_sequence import difference_sequence, log_evidence
from migrator.shadow.statistics.interval import Interval

#: jobs per arm, and events in each, below which the normal approximation is not trusted yet. Simulated with a candidate that is worse by
#: exactly the margin and watched daily, it is then passed in at most 3.3 of 100 experiments at an alpha of 5 % (`benchmarks/claims.py`).
EXACT_BELOW = 100
FEW_EVENTS = 10
TIGHTEST_AT = 1500  #: jobs of both arms: where the asymptotic sequence is at its best

Counts = NDArray[np.int64]


def difference_bounds(events: int, trials: int, other_events: int, other_trials: int, alpha: float) -> Interval:
    """Where the first share minus the second may lie; each end alone is wrong, at any look ever, with a chance of at most `alpha`."""
    if min(trials, other_trials) < EXACT_BELOW or min(events, other_events) < FEW_EVENTS:
        return difference_sequence(events, trials, other_events, other_trials, alpha)
    estimate, error = shrunk_difference(events, trials, other_events, other_trials)
    reach = float(upper_sequence(0.0, error, trials + other_trials, alpha, TIGHTEST_AT))
    return Interval(float(estimate) - reach, float(estimate) + reach)


def within_margin(
    events: Counts, trials: Counts, other_events: Counts, other_trials: Counts, margin: float, alpha: float
) -> NDArray[np.bool_]:
    """Is the upper bound below `margin`? For many pairs of shares at once, each of at least one job."""
    estimate, error = shrunk_difference(events, trials, other_events, other_trials)
    sharp = upper_sequence(estimate, error, trials + other_trials, alpha, TIGHTEST_AT) < margin
    seen_within = events / trials - other_events / other_trials < margin
    exact = seen_within & (log_evidence(events, trials, other_events, other_trials, margin) > -math.log(alpha))
    few = (np.minimum(trials, other_trials) < EXACT_BELOW) | (np.minimum(events, other_events) < FEW_EVENTS)
    return np.where(few, exact, sharp)
