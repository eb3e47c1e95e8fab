"""How long two arms have been seen side by side: what a declared minimum of days is held against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from migrator.shadow.ledger.folded import DAY

Moments = NDArray[np.int64]


def seconds_together(first: Moments, second: Moments) -> float:
    """Seconds over which both had jobs, of which a day without jobs in both counts nothing. Both: when jobs were assigned, ascending.

    From where the later one begins to where the earlier one ends, and no more than a day for each day (in UTC) on which both had jobs.

    >>> hours = 3_600_000_000_000 * np.arange(0, 10 * 24, 6)
    >>> seconds_together(hours, hours) / 86400, seconds_together(hours, hours[hours < 2 * DAY]) / 86400
    (9.75, 1.75)
    >>> seconds_together(hours, np.append(hours[:8], hours[-4:])) / 86400
    3.0
    """
    if not len(first) or not len(second):
        return 0.0
    span = min(first[-1], second[-1]) - max(first[0], second[0])
    days = np.intersect1d(first // DAY, second // DAY)
    return max(0.0, min(float(span), float(len(days)) * DAY)) / 1e9
