"""Known answers: Newcombe 1998, "Two-sided confidence intervals for the single proportion"; Clopper and Pearson's closed form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.proportions import clopper_pearson, upper_bound, wilson


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_newcombe_1998(events: int, trials: int, low: float, high: float) -> None:
    interval = wilson(events, trials)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("trials", "bound"), [(10, 0.25887), (30, 0.09503), (100, 0.02951), (231, 0.01288), (1000, 0.002991), (3000, 0.000998)]
)
def test_what_seeing_none_allows(trials: int, bound: float) -> None:
    assert upper_bound(0, trials) == pytest.approx(bound, abs=6e-6)
    assert upper_bound(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials))


def test_nothing_seen_bounds_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert (clopper_pearson(0, 0).low, clopper_pearson(0, 0).high) == (0.0, 1.0)


def test_counts_that_cannot_be_are_a_bug() -> None:
    with pytest.raises(ValueError, match="3 events in 2 trials"):
        wilson(3, 2)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_holds_the_share_and_mirrors(counts: tuple[int, int]) -> None:
    events, trials = counts
    exact, turned = clopper_pearson(events, trials), clopper_pearson(trials - events, trials)
    assert events / trials in exact
    assert events / trials in wilson(events, trials)
    assert exact.low == pytest.approx(1 - turned.high, abs=1e-9)
