"""Columns that grew value by value, as arrays to reckon with."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_array(values: array[Any]) -> NDArray[Any]:
    """The values, over the same memory: there may be millions. The array must not grow any more.

    >>> as_array(array("q", [1, 2])).tolist(), as_array(array("d")).tolist()
    ([1, 2], [])
    """
    return np.frombuffer(values, dtype=values.typecode) if values else np.array([], dtype=values.typecode)
