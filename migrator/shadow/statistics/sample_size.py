"""How many trials an experiment needs."""

from __future__ import annotations

import math

from scipy.special import ndtri


def trials_per_arm(share: float, other: float, margin: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """To show that `share` is not larger than `other` by `margin` (or, with a negative margin, not smaller), one-sided, one look.

    Chow, Shao and Wang, "Sample Size Calculations in Clinical Research".

    >>> trials_per_arm(0.05, 0.05, 0.05)
    235
    """
    distance = share - other - margin
    if distance == 0:
        raise ValueError("no number of trials separates a difference from a margin equal to it")
    reach = float(ndtri(1 - alpha)) + float(ndtri(power))
    return math.ceil(reach**2 * (share * (1 - share) + other * (1 - other)) / distance**2)
