import math

import numpy as np
import pytest

from migrator.shadow.measuring.durations import Durations, Gathering
from migrator.shadow.statistics.quantiles import quantile_interval
from tests.shadow.arms import durations


def test_gathering() -> None:
    gathering = Gathering(tolerance_ns=1000)
    for nanoseconds in (2_000_000_000, -1000, -1001, None):
        gathering.over(nanoseconds)
    gathering.watched(5.0)
    gathering.watched(math.inf)
    gathering.open_since(90_000_000_000)
    found = gathering.close(100_000_000_000)
    assert found.values.tolist() == [0.0, 2.0, 5.0, 10.0, math.inf], "in one order, however they came"
    assert found.ended.tolist() == [True, True, False, False, False]
    assert (found.unknown, gathering.negative, gathering.rounded) == (1, 1, 1)
    assert (found.n, found.over) == (5, 2)


def test_many_at_once_are_gathered_as_one_by_one() -> None:
    times = [2_000_000_000, -1000, -1001, 0, 7, -2_000_000]
    one_by_one, at_once = Gathering(tolerance_ns=1000), Gathering(tolerance_ns=1000)
    for nanoseconds in times:
        one_by_one.over(nanoseconds)
    at_once.all_over(np.array(times, dtype=np.int64))
    first, second = one_by_one.close(0), at_once.close(0)
    assert (first.values.tolist(), first.ended.tolist()) == (second.values.tolist(), second.ended.tolist())
    assert (at_once.negative, at_once.rounded) == (one_by_one.negative, one_by_one.rounded) == (2, 1)


def test_bounds_of_what_is_not_over() -> None:
    found = durations([3.0, 1.0], open_at=[2.0], lost=1)
    assert found.at_least.tolist() == [1.0, 2.0, 3.0, math.inf]
    assert found.at_most.tolist() == [1.0, 3.0, math.inf, math.inf]


def test_the_band_holds_the_curve_and_what_is_open_widens_it() -> None:
    values = np.arange(1.0, 101.0)
    low, high = durations(values).share_within(np.array([50.0]))
    assert (low[0], high[0]) == pytest.approx((0.5 - 0.1358, 0.5 + 0.1358), abs=1e-4)
    wider = durations(values[:90], open_at=[10.0] * 10).share_within(np.array([50.0]))
    assert wider[0][0] == pytest.approx(low[0])
    assert wider[1][0] == pytest.approx(high[0] + 0.1)


def test_intervals_are_exact_while_nothing_is_open() -> None:
    values = np.arange(1.0, 232.0)
    assert durations(values).quantile_interval(0.95) == quantile_interval(values, 0.95)
    some_open = durations(values[:200], open_at=[100.0] * 31).quantile_interval(0.5)
    assert some_open.low < 116 < some_open.high < math.inf


def test_too_few_never_bound_a_tail() -> None:
    assert math.isinf(durations([1.0] * 100).quantile_interval(0.99).high)
    assert math.isinf(durations([1.0] * 100, open_at=[0.1]).quantile_interval(0.99).high)
    assert durations([1.0] * 400, open_at=[0.1]).quantile_interval(0.99).high == 1.0


def test_none_at_all() -> None:
    empty = Durations(np.array([]), np.array([], dtype=bool), unknown=4)
    assert math.isinf(empty.quantile_interval(0.5).high)
    assert math.isinf(empty.curve().quantile(0.5))
