import math
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.difference_sequence import difference_sequence, log_evidence
from migrator.shadow.statistics.proportion_difference import newcombe

counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("supposed", [0.0, 0.05, -0.3])
@pytest.mark.parametrize("other", [0.05, 0.4, 0.65])
def test_its_mean_under_what_is_supposed_is_at_most_one(supposed: float, other: float) -> None:
    # Every outcome of 12 and 9 trials, with its chance: not a simulation, the sum itself.
    first, n, m = min(1.0, max(0.0, other + supposed)), 12, 9
    mean = sum(
        comb(n, s) * first**s * (1 - first) ** (n - s) * comb(m, t) * other**t * (1 - other) ** (m - t)
        * math.exp(float(log_evidence(s, n, t, m, first - other)))
        for s in range(n + 1) for t in range(m + 1)
    )  # fmt: skip
    assert mean <= 1.0 + 1e-9


def test_no_failure_at_all_in_either() -> None:
    # Closed form: the mixture of the pooled and the separate priors over (1 - difference)^n.
    def mixed(n: int) -> float:
        return math.gamma(n + 0.5) / (math.gamma(n + 1) * math.sqrt(math.pi))

    evidence = (mixed(100) + mixed(50) ** 2) / 2
    assert difference_sequence(0, 50, 0, 50).high == pytest.approx(1 - (0.05 * evidence) ** (1 / 50))


@given(counts, counts)
def test_it_holds_what_was_seen_and_mirrors(first: tuple[int, int], second: tuple[int, int]) -> None:
    interval, turned = difference_sequence(*first, *second), difference_sequence(*second, *first)
    assert first[0] / first[1] - second[0] / second[1] in interval
    assert (interval.low, interval.high) == pytest.approx((-turned.high, -turned.low), abs=1e-6)
    once = newcombe(*first, *second)
    assert interval.low <= once.low + 1e-9
    assert once.high - 1e-9 <= interval.high


@given(counts, counts)
def test_further_away_is_less_likely(first: tuple[int, int], second: tuple[int, int]) -> None:
    seen = first[0] / first[1] - second[0] / second[1]
    above = np.linspace(seen, 1.0, 12)
    evidence = log_evidence(*first, *second, above)
    assert np.all(np.diff(evidence[np.isfinite(evidence)]) >= -1e-6)


def test_nothing_seen_bounds_nothing() -> None:
    assert (difference_sequence(0, 0, 3, 9).low, difference_sequence(3, 9, 0, 0).high) == (-1.0, 1.0)
    assert difference_sequence(10, 10, 0, 10).high == 1.0
    assert difference_sequence(0, 10, 10, 10).low == -1.0
