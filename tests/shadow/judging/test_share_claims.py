import numpy as np
import pytest

from migrator.shadow.judging.share_claims import difference_bounds, within_margin
from migrator.shadow.statistics.difference_sequence import difference_sequence
from migrator.shadow.statistics.proportion_difference import not_larger_by


@pytest.mark.parametrize("counts", [(3, 80, 2, 90), (9, 900, 40, 900), (60, 1000, 50, 1000), (0, 4000, 0, 4000), (99, 100, 1, 100)])
@pytest.mark.parametrize("margin", [0.005, 0.02, 0.05])
def test_many_at_once_is_one_by_one(counts: tuple[int, int, int, int], margin: float) -> None:
    alone = difference_bounds(*counts, 0.05).high < margin
    assert bool(within_margin(*(np.array([n]) for n in counts), margin, 0.05)[0]) == alone


def test_few_jobs_and_few_failures_are_judged_exactly() -> None:
    for few in ((12, 99, 12, 500), (9, 900, 12, 900), (12, 900, 9, 900)):
        assert difference_bounds(*few, 0.05) == difference_sequence(*few, 0.05)
    enough = difference_bounds(60, 1000, 50, 1000, 0.05)
    assert enough.high < difference_sequence(60, 1000, 50, 1000, 0.05).high


@pytest.mark.parametrize(("base", "margin", "a_day"), [(0.0, 0.005, 333), (0.002, 0.1, 17), (0.05, 0.05, 17), (0.2, 0.1, 5)])
def test_claims_that_are_false_by_exactly_the_margin(base: float, margin: float, a_day: int) -> None:
    """Watched daily for two months; `benchmarks/claims.py` has the whole grid with more experiments."""
    generator = np.random.default_rng(33)
    runs, days = 600, np.arange(1, 61)
    worse, current = (generator.binomial(a_day, p, (runs, 60)).cumsum(axis=1) for p in (base + margin, base))
    sizes = np.broadcast_to(days * a_day, worse.shape)
    wrong = within_margin(worse, sizes, current, sizes, margin, 0.05).any(axis=1)
    assert wrong.mean() <= 0.05


def test_the_fixed_test_in_the_same_race() -> None:
    generator = np.random.default_rng(33)
    wrong = 0
    for _ in range(200):
        worse, current = (generator.binomial(25, p, 60).cumsum() for p in (0.10, 0.05))
        looks = ((int(w), 25 * (d + 1), int(c), 25 * (d + 1)) for d, (w, c) in enumerate(zip(worse, current, strict=True)))
        wrong += any(not_larger_by(*look, 0.05) < 0.05 for look in looks if look[1] >= 50)
    assert wrong / 200 > 0.1
