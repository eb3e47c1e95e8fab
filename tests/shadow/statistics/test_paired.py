"""Known answers: the help page of R's `wilcox.test`, the reference's table; estimates against every Walsh average."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.paired import (
    difference_at_one_look,
    difference_of_pairs,
    mcnemar,
    ratio_of_pairs,
    signed_rank,
    watched_ratio_of_pairs,
)

BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


@pytest.mark.parametrize(("only_first", "only_second", "p_value"), [(12, 2, 0.012939), (0, 5, 0.0625), (0, 0, 1.0)])
def test_mcnemar(only_first: int, only_second: int, p_value: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p_value, abs=5e-7)


def test_depression_pairs() -> None:
    positive, p_value = signed_rank(BEFORE - AFTER, "greater")
    assert positive == 40
    assert p_value == pytest.approx(0.01953, abs=5e-6)


def test_a_ratio_is_the_median_of_all_walsh_averages() -> None:
    ratio, interval, _ = ratio_of_pairs(BEFORE, AFTER)
    logs = np.log(BEFORE) - np.log(AFTER)
    walsh = np.sort([(logs[i] + logs[j]) / 2 for i in range(9) for j in range(i, 9)])
    assert ratio == pytest.approx(math.exp(np.median(walsh)))
    # 45 averages; the normal cut of a signed-rank sum of nine is 22.5 - 1.96 * 8.44 = 5.96: the fifth from either end.
    assert (interval.low, interval.high) == pytest.approx((math.exp(walsh[4]), math.exp(walsh[40])))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=25))
def test_with_ties_too(logs: list[int]) -> None:
    values = np.exp(np.array(logs) / 10)
    ratio, interval, chance = ratio_of_pairs(values, np.ones(len(logs)))
    walsh = [(logs[i] + logs[j]) / 20 for i in range(len(logs)) for j in range(i, len(logs))]
    assert ratio == pytest.approx(math.exp(np.median(walsh)), rel=1e-9)
    assert ratio in interval or math.isclose(ratio, interval.low) or math.isclose(ratio, interval.high)
    assert 0 <= chance <= 1


def test_pairs_that_do_not_differ() -> None:
    ratio, interval, chance = ratio_of_pairs(np.ones(40), np.ones(40))
    assert (ratio, interval.low, interval.high, chance) == (1.0, 1.0, 1.0, 1.0)


def test_a_ratio_covers_what_is_true() -> None:
    generator = np.random.default_rng(6)
    hits = 0
    for _ in range(300):
        base = generator.lognormal(0, 2, 60)
        hits += 1.3 in ratio_of_pairs(1.3 * base * generator.lognormal(0, 0.4, 60), base)[1]
    assert 0.92 <= hits / 300 <= 0.98


def test_few_disagreements_are_judged_exactly() -> None:
    found = difference_of_pairs(0, 0, 1000, 0.05)
    # Both shares of disagreement are nothing of a thousand, each bounded at half of alpha.
    assert found.high == pytest.approx(1 - (0.025 / 1001) ** (1 / 1000))
    assert found.low == -found.high
    assert difference_of_pairs(3, 0, 0).high == 1.0
    assert difference_at_one_look(0, 0, 0).low == -1.0


@pytest.mark.parametrize("counts", [(3, 1, 80), (40, 12, 900), (9, 9, 500), (300, 280, 4000)])
def test_the_watched_interval_is_the_wider(counts: tuple[int, int, int]) -> None:
    watched, once = difference_of_pairs(*counts, tightest_at=1500), difference_at_one_look(*counts)
    assert watched.low < once.low < (counts[0] - counts[1]) / counts[2] < once.high < watched.high
    turned = difference_of_pairs(counts[1], counts[0], counts[2], tightest_at=1500)
    assert (turned.low, turned.high) == pytest.approx((-watched.high, -watched.low))


def test_false_claims_about_pairs_watched_daily_are_rare() -> None:
    """The candidate fails in 5 of 100 pairs more, exactly the margin; 20 pairs a day for sixty days."""
    generator = np.random.default_rng(9)
    wrong = 0
    for _ in range(200):
        fates = generator.multinomial(20, [0.06, 0.01, 0.93], 60).cumsum(axis=0)
        looks = ((int(a), int(b), 20 * (day + 1)) for day, (a, b, _) in enumerate(fates.tolist()))
        wrong += any(difference_of_pairs(*look, 0.05, 1500).high < 0.05 for look in list(looks)[2::3])
    assert wrong / 200 <= 0.05


def test_a_watched_ratio_covers_what_is_true_at_every_look() -> None:
    generator = np.random.default_rng(12)
    wrong = fixed = 0
    for _ in range(200):
        base = generator.lognormal(0, 2, 1000)
        copies = base * generator.lognormal(math.log(1.3), 0.5, 1000)
        wrong += any(1.3 not in watched_ratio_of_pairs(copies[:n], base[:n], tightest_at=1500) for n in range(100, 1001, 20))
        fixed += any(1.3 not in ratio_of_pairs(copies[:n], base[:n])[1] for n in range(100, 1001, 100))
    assert wrong / 200 <= 0.05
    assert fixed / 200 > 0.1
    assert watched_ratio_of_pairs(copies[:99], base[:99]).bounded is False


def test_one_look_worked_by_hand() -> None:
    # 30 and 6 of 100 pairs disagree: (30.5 - 6.5) / 102, and the root of 37 - 24^2 / 102, over 102.
    found = difference_at_one_look(30, 6, 100)
    error = math.sqrt(37 - 24**2 / 102) / 102
    assert (found.low, found.high) == pytest.approx((24 / 102 - 1.959964 * error, 24 / 102 + 1.959964 * error), abs=1e-6)
