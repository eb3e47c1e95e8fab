"""How far from sorted a sequence is: the number of pairs that stand the wrong way round (half of what Kendall's tau counts)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def inversions(permutation: Places) -> int:
    """Pairs i < j with permutation[i] > permutation[j], of the numbers 0 to n - 1; n log n steps.

    >>> inversions(np.array([0, 1, 2])), inversions(np.array([2, 1, 0])), inversions(np.array([1, 2, 0]))
    (0, 3, 2)
    """
    values, found = permutation, 0
    for bit in reversed(range(max(1, int(len(permutation) - 1).bit_length()))):
        # Numbers that agree in all higher bits stand together, in the order of the sequence: a 1 before a 0 is a pair.
        ones = (values >> bit) & 1
        family = values >> (bit + 1)
        starts = np.searchsorted(family, family, side="left")
        before = np.cumsum(ones) - ones
        found += int((before - before[starts])[ones == 0].sum())
        values = values[np.argsort(values >> bit, kind="stable")]
    return found
