"""From values to places on a chart, and which values to write along its edge."""

from __future__ import annotations

import math
from typing import Protocol

import msgspec

#: seconds: the durations that people have a feeling for
DURATIONS = (
    (1e-6, "1 µs"), (1e-5, "10 µs"), (1e-4, "0.1 ms"), (1e-3, "1 ms"), (1e-2, "10 ms"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"),
    (60.0, "1 min"), (600.0, "10 min"), (3600.0, "1 h"), (36000.0, "10 h"), (86400.0, "1 d"), (864000.0, "10 d"),
)  # fmt: skip

#: where those are too far apart
FINER = (
    (1e-4, "0.1 ms"), (2e-4, "0.2 ms"), (5e-4, "0.5 ms"), (1e-3, "1 ms"), (2e-3, "2 ms"), (5e-3, "5 ms"), (0.01, "10 ms"),
    (0.02, "20 ms"), (0.05, "50 ms"), (0.1, "0.1 s"), (0.2, "0.2 s"), (0.5, "0.5 s"), (1.0, "1 s"), (2.0, "2 s"), (5.0, "5 s"),
    (10.0, "10 s"), (20.0, "20 s"), (30.0, "30 s"), (60.0, "1 min"), (120.0, "2 min"), (300.0, "5 min"), (600.0, "10 min"),
    (1200.0, "20 min"), (1800.0, "30 min"), (3600.0, "1 h"), (7200.0, "2 h"), (18000.0, "5 h"), (36000.0, "10 h"), (86400.0, "1 d"),
    (172800.0, "2 d"), (432000.0, "5 d"),
)  # fmt: skip


class Scale(Protocol):
    """Value -> place."""

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...

    def __call__(self, value: float) -> float: ...


class Linear(msgspec.Struct, frozen=True):
    """Equal steps are equally far apart."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return self.start + (min(max(value, self.low), self.high) - self.low) / span * (self.end - self.start)


class Logarithmic(msgspec.Struct, frozen=True):
    """Equal factors are equally far apart. Both ends above 0; what lies outside is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        span = math.log(self.high / self.low) or 1.0
        return self.start + math.log(inside / self.low) / span * (self.end - self.start)


def steps_between(low: float, high: float, about: int = 4) -> list[float]:
    """Round values within the range, about so many.

    >>> steps_between(0, 0.23), steps_between(-3, 12)
    ([0.0, 0.05, 0.1, 0.15, 0.2], [0.0, 5.0, 10.0])
    """
    rough = (high - low) / about or 1.0
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.8)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]


def durations_between(low: float, high: float, at_most: int = 5) -> list[tuple[float, str]]:
    """Durations worth writing down, in seconds and in words.

    >>> durations_between(0.05, 100)
    [(0.1, '0.1 s'), (1.0, '1 s'), (10.0, '10 s'), (60.0, '1 min')]
    >>> durations_between(0.3, 6)
    [(0.5, '0.5 s'), (1.0, '1 s'), (2.0, '2 s'), (5.0, '5 s')]
    """
    found = [(value, text) for value, text in DURATIONS if low <= value <= high]
    if len(found) < 3:
        found = [(value, text) for value, text in FINER if low <= value <= high]
    while len(found) > at_most:
        found = found[::2]
    return found


def factors_between(low: float, high: float, at_most: int = 6) -> list[float]:
    """Factors worth writing down; 1 is always one of them.

    >>> factors_between(0.4, 3), factors_between(0.004, 30)
    ([0.5, 1, 2], [0.01, 0.1, 1, 10])
    """
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = [d * 10**e if e >= 0 else d / 10**-e for e in range(-6, 7) for d in digits]
        inside = [value for value in found if low <= value <= high]
        if len(inside) <= at_most:
            return inside
    return [1]
