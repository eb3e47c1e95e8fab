"""How a whole distribution may lie around the one that was seen."""

from __future__ import annotations

import math


def band(n: int, alpha: float = 0.05) -> float:
    """Half-width around an empirical distribution that holds the true one everywhere at once (Dvoretzky, Kiefer, Wolfowitz; Massart).

    >>> round(band(231), 4)
    0.0894
    """
    return math.sqrt(math.log(2 / alpha) / (2 * n)) if n else 1.0
