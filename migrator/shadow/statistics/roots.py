"""Where a function crosses zero: the end of an interval is where a test just rejects."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from scipy.optimize import brentq


def crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """The place between `low` and `high`, where the function has opposite signs, to twelve digits."""
    return cast("float", brentq(function, low, high, xtol=1e-12))
