import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from migrator.shadow.statistics.quantiles import quantile, quantile_interval, rank, ranks_around, trials_needed


@pytest.mark.parametrize(("n", "q", "ranks", "chance"), [(100, 0.5, (40, 61), 0.9648), (231, 0.95, (213, 226), 0.95185)])
def test_ranks_of_the_reference(n: int, q: float, ranks: tuple[int, int], chance: float) -> None:
    assert ranks_around(n, q) == ranks
    low, high = ranks
    assert binom.cdf(high - 1, n, q) - binom.cdf(low - 1, n, q) == pytest.approx(chance, abs=5e-5)


def test_the_interval_takes_the_values_at_those_ranks() -> None:
    values = np.arange(1.0, 232.0)
    interval = quantile_interval(values, 0.95)
    assert (interval.low, interval.high) == (213.0, 226.0)


def test_few_values_leave_a_tail_open() -> None:
    assert trials_needed(0.95) == 72
    assert trials_needed(0.99) == 368
    assert math.isinf(quantile_interval(np.arange(1.0, 72.0), 0.95).high)
    assert quantile_interval(np.arange(1.0, 73.0), 0.95).bounded


def test_no_values_no_quantile() -> None:
    empty = np.array([])
    assert math.isnan(quantile(empty, 0.5))
    assert (quantile_interval(empty, 0.5).low, quantile_interval(empty, 0.5).high) == (0.0, math.inf)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_quantile_is_a_seen_value_with_enough_at_or_below(values: list[float], q: float) -> None:
    ordered = np.sort(np.array(values))
    found = quantile(ordered, q)
    assert found in values
    assert (ordered <= found).sum() >= q * len(values) - 1e-9
    assert (ordered < found).sum() < q * len(values)
    assert found in quantile_interval(ordered, q)


def test_rank_is_not_pushed_up_by_binary_fractions() -> None:
    assert [rank(100, q) for q in (0.95, 0.99, 0.55, 0.07)] == [95, 99, 55, 7]
