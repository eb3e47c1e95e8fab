"""A distribution of durations in a few hundred counts: a base-2 exponential histogram of scale 6.

Bucket `i` holds the durations in (2^((i-1)/64), 2^(i/64)] seconds: the buckets of Prometheus' native histograms of schema 6, and of
OpenTelemetry's exponential histograms of scale 6, which number them from one lower. Two sketches merge by adding their counts, in any
order, with nothing lost: hours into days, hosts into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

SCALE = 6
PER_DOUBLING = 2**SCALE
SMALLEST = 1e-6  #: seconds: what is shorter counts as zero
ZERO = -(2**31)  #: the bucket of zero, in place of an index: below every other
GROWTH = 2 ** (1 / PER_DOUBLING)
RELATIVE_ERROR = (GROWTH - 1) / (GROWTH + 1)  #: of any estimate, at most: 0.5415 %

Values = NDArray[np.float64]
Indexes = NDArray[np.int64]


def bucket(seconds: Values) -> Indexes:
    """Which bucket each duration falls into; they are finite and not negative.

    >>> bucket(np.array([1.0, 1.001, 2.0, 0.5, 0.0, 9e-7])).tolist()
    [0, 1, 64, -64, -2147483648, -2147483648]
    """
    long_enough = np.maximum(seconds, SMALLEST)
    found = np.ceil(np.log2(long_enough) * PER_DOUBLING)
    # A bound itself belongs below it. Rounding of the logarithm may have pushed it over, never by more than one bucket.
    found -= long_enough <= bound(found - 1)
    found += long_enough > bound(found)
    return np.where(seconds < SMALLEST, ZERO, found).astype(np.int64)


def bound(index: NDArray[np.float64] | Indexes) -> Values:
    """The longest duration of a bucket, in seconds."""
    return np.exp2(np.asarray(index, dtype=np.float64) / PER_DOUBLING)


def estimate(indexes: Indexes) -> Values:
    """Seconds that stand for all durations of each bucket: none is further off than `RELATIVE_ERROR`."""
    # 2 * low * high / (low + high), where high is low * GROWTH.
    return bound(indexes) * (2 / (1 + GROWTH))


class Sketch(msgspec.Struct, frozen=True):
    """`counts[i]` durations in the bucket `indexes[i]`; the indexes ascend, no count is zero."""

    indexes: Indexes
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, seconds: Values) -> Self:
        """The sketch of durations."""
        indexes, counts = np.unique(bucket(seconds), return_counts=True)
        return cls(indexes, counts.astype(np.int64))

    @classmethod
    def read(cls, counts: Mapping[int, int] | Iterable[tuple[int, int]]) -> Self:
        """From pairs of bucket and count; pairs of one bucket are added."""
        pairs = np.array(list(counts.items() if isinstance(counts, Mapping) else counts), dtype=np.int64).reshape(-1, 2)
        indexes, place = np.unique(pairs[:, 0], return_inverse=True)
        summed = np.zeros(len(indexes), dtype=np.int64)
        np.add.at(summed, place, pairs[:, 1])
        return cls(indexes[summed > 0], summed[summed > 0])

    def pairs(self) -> list[tuple[int, int]]:
        """Bucket and count, ascending: what is written down."""
        return list(zip(self.indexes.tolist(), self.counts.tolist(), strict=True))

    def __add__(self, other: Sketch) -> Sketch:
        return Sketch.read([*self.pairs(), *other.pairs()])

    @property
    def n(self) -> int:
        """Durations in it."""
        return int(self.counts.sum())

    def values(self) -> Values:
        """One estimate for every duration, ascending."""
        return np.repeat(estimate(self.indexes), self.counts)

    def quantile(self, q: float) -> float:
        """The ceil(n*q)-th smallest, to within `RELATIVE_ERROR`; not-a-number when empty."""
        if not self.n:
            return float("nan")
        rank = min(self.n, max(1, int(np.ceil(self.n * q - 1e-9))))
        return float(estimate(self.indexes[np.searchsorted(np.cumsum(self.counts), rank, side="left")]))
