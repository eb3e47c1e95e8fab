"""Sketches: known buckets, the promised error, and merging that loses nothing."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.measuring.sketch import GROWTH, RELATIVE_ERROR, SMALLEST, ZERO, Sketch, bound, bucket, estimate
from migrator.shadow.statistics.quantiles import quantile

MONTH = 30 * 86400.0
durations = st.lists(st.floats(0, MONTH, allow_nan=False), max_size=200)


def test_the_numbers_of_scale_6() -> None:
    assert pytest.approx(1.01089, abs=1e-5) == GROWTH
    assert pytest.approx(0.005415, abs=1e-6) == RELATIVE_ERROR


@pytest.mark.parametrize(
    ("seconds", "index"),
    # ceil(log2(seconds) * 64), worked out by hand: log2(3) = 1.58496…, log2(10) = 3.32193…, log2(1000) = 9.96578…
    [(1.0, 0), (2.0, 64), (4.0, 128), (0.5, -64), (3.0, 102), (10.0, 213), (1000.0, 638), (1e-6, -1275), (MONTH, 1364), (0.0, ZERO)],
)
def test_known_buckets(seconds: float, index: int) -> None:
    assert bucket(np.array([seconds])).tolist() == [index]


def test_a_bound_belongs_to_the_bucket_below_it() -> None:
    indexes = np.arange(-1275, 1365)
    bounds = bound(indexes)
    assert bucket(bounds).tolist() == indexes.tolist()
    assert bucket(np.nextafter(bounds, np.inf)).tolist() == (indexes + 1).tolist()
    assert len(indexes) <= 2640, "from a microsecond to thirty days"


def test_what_is_too_short_to_tell_is_zero() -> None:
    sketch = Sketch.of(np.array([0.0, 9.9e-7, SMALLEST]))
    assert sketch.pairs() == [(ZERO, 2), (-1275, 1)]
    assert sketch.values().tolist()[:2] == [0.0, 0.0]


def test_an_empty_sketch() -> None:
    sketch = Sketch.of(np.array([]))
    assert (sketch.n, sketch.pairs(), sketch.values().tolist()) == (0, [], [])
    assert math.isnan(sketch.quantile(0.5))


@given(durations.filter(bool), st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999, 1.0]))
def test_a_quantile_is_as_near_as_promised(values: list[float], q: float) -> None:
    exact = quantile(np.sort(np.array(values)), q)
    near = Sketch.of(np.array(values)).quantile(q)
    if exact < SMALLEST:
        assert near == 0.0
    else:
        assert abs(near / exact - 1) <= RELATIVE_ERROR * (1 + 1e-9)


@given(durations)
def test_every_value_is_as_near_as_promised(values: list[float]) -> None:
    ordered, estimates = np.sort(np.array(values, dtype=np.float64)), Sketch.of(np.array(values, dtype=np.float64)).values()
    assert len(ordered) == len(estimates)
    told = ordered >= SMALLEST
    assert (np.abs(estimates[told] / ordered[told] - 1) <= RELATIVE_ERROR * (1 + 1e-9)).all()


@given(durations, st.integers(1, 8), st.randoms(use_true_random=False))
def test_merging_parts_in_any_order_is_the_sketch_of_the_whole(values: list[float], parts: int, dice: random.Random) -> None:
    sketches = [Sketch.of(np.array(values[part::parts], dtype=np.float64)) for part in range(parts)]
    dice.shuffle(sketches)
    merged = sketches[0]
    for sketch in sketches[1:]:
        merged = merged + sketch
    whole = Sketch.of(np.array(values, dtype=np.float64))
    assert merged.pairs() == whole.pairs() == Sketch.read(dict(whole.pairs())).pairs()


def test_a_heavy_tail_of_two_humps() -> None:
    """200,000 values, two in a hundred of them minutes, in eight parts: as the reference measured it."""
    dice = np.random.default_rng(3)
    values = np.where(dice.random(200_000) < 0.02, dice.lognormal(5, 1, 200_000), dice.lognormal(-2, 1, 200_000))
    merged = Sketch.of(values[:0])
    for part in np.array_split(values, 8):
        merged = merged + Sketch.of(part)
    ordered = np.sort(values)
    for q in (0.5, 0.9, 0.95, 0.99, 0.999):
        assert abs(merged.quantile(q) / quantile(ordered, q) - 1) <= RELATIVE_ERROR
    assert merged.n == 200_000
    assert len(merged.indexes) < 2000


def test_estimates_stand_in_the_middle_of_their_buckets() -> None:
    """As far off at the upper end as at the lower, in proportion."""
    index = np.array([17])
    low, high, middle = bound(index - 1)[0], bound(index)[0], estimate(index)[0]
    assert middle / low - 1 == pytest.approx(1 - middle / high)
    assert middle / low - 1 == pytest.approx(RELATIVE_ERROR)
