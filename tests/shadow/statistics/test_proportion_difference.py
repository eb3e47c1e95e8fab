"""Known answers: Newcombe 1998, "Interval estimation for the difference between independent proportions": methods 10, 5 and 6."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.proportion_difference import newcombe, not_larger_by, score, score_interval

TABLES = [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (0, 10, 0, 10), (10, 10, 0, 20), (10, 10, 0, 10)]
HYBRID = [
    (0.0524, 0.3339), (0.1705, 0.8090), (0.0582, 0.8062), (-0.0381, 0.1926), (-0.1611, 0.2775), (-0.2775, 0.2775), (0.6791, 1), (0.6075, 1),
]  # fmt: skip
MEE = [
    (0.0533, 0.3377), (0.1821, 0.8370), (0.0544, 0.8478), (-0.0313, 0.1926), (-0.1611, 0.2775), (-0.2775, 0.2775), (0.7225, 1), (0.6777, 1),
]  # fmt: skip
MIETTINEN_NURMINEN = [
    (0.0528, 0.3382), (0.1700, 0.8406), (0.0342, 0.8534), (-0.0326, 0.1933), (-0.1658, 0.2844), (-0.2879, 0.2879), (0.7156, 1), (0.6636, 1),
]  # fmt: skip


@pytest.mark.parametrize(("table", "expected"), list(zip(TABLES, HYBRID, strict=True)))
def test_newcombe(table: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    interval = newcombe(*table)
    assert (round(interval.low, 4), round(interval.high, 4)) == expected


@pytest.mark.parametrize(("table", "expected"), list(zip(TABLES, MEE, strict=True)))
def test_score_interval(table: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    interval = score_interval(*table)
    assert (interval.low, interval.high) == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(("table", "expected"), list(zip(TABLES, MIETTINEN_NURMINEN, strict=True)))
def test_score_interval_with_unbiased_variance(table: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    interval = score_interval(*table, unbiased_variance=True)
    assert (interval.low, interval.high) == pytest.approx(expected, abs=5.1e-5)


def test_the_known_wrong_cubic_is_not_ours() -> None:
    # statsmodels 0.15 answers .3440 here.
    assert round(score_interval(56, 70, 48, 80, unbiased_variance=True).high, 4) == 0.3382


@pytest.mark.parametrize(("table", "statistic", "p_value"), [((83, 100, 88, 100), 0.99477, 0.1599), ((60, 67, 81, 92), 2.05186, 0.0201)])
def test_farrington_manning(table: tuple[int, int, int, int], statistic: float, p_value: float) -> None:
    z = score(*table, -0.1)
    assert z == pytest.approx(statistic, abs=1e-5)
    # The source asks whether the first is not smaller by a tenth; turned round, whether the second is not larger by a tenth.
    turned = not_larger_by(table[2], table[3], table[0], table[1], 0.1)
    assert turned == pytest.approx(p_value, abs=5e-5)


def test_empty_arm_bounds_nothing() -> None:
    assert (newcombe(0, 0, 3, 9).low, score_interval(3, 9, 0, 0).high) == (-1.0, 1.0)


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, counts)
def test_intervals_hold_the_difference_and_mirror(first: tuple[int, int], second: tuple[int, int]) -> None:
    difference = first[0] / first[1] - second[0] / second[1]
    for method in (newcombe, score_interval):
        interval, turned = method(*first, *second), method(*second, *first)
        assert interval.low - 1e-9 <= difference <= interval.high + 1e-9
        assert (interval.low, interval.high) == pytest.approx((-turned.high, -turned.low), abs=1e-6)


@given(counts, counts, st.floats(-0.95, 0.95))
def test_the_score_falls_as_the_supposed_difference_grows(first: tuple[int, int], second: tuple[int, int], supposed: float) -> None:
    here, there = (score(*first, *second, d) for d in (supposed, supposed + 0.01))
    assert not math.isnan(here)
    assert here >= there - 1e-9
