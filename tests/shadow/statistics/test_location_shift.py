"""Known answers: the examples on the help page of R's `wilcox.test`, and the reference's table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.location_shift import (
    cliffs_delta,
    common_language_effect,
    hodges_lehmann,
    mann_whitney,
    shift_interval,
    wins,
)

PERMEABILITY = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]), np.array([1.15, 0.88, 0.90, 0.74, 1.21])


def test_small_samples() -> None:
    first, second = np.array([19.0, 22, 16, 29, 24]), np.array([20.0, 11, 17, 12])
    assert wins(first, second) == 17
    assert mann_whitney(first, second) == pytest.approx(0.1111, abs=5e-5)
    assert cliffs_delta(first, second) == pytest.approx(0.70)


def test_permeability() -> None:
    assert wins(*PERMEABILITY) == 35
    assert mann_whitney(*PERMEABILITY, "greater") == pytest.approx(0.1272, abs=5e-5)
    assert hodges_lehmann(*PERMEABILITY) == pytest.approx(0.305)
    interval = shift_interval(*PERMEABILITY)
    assert (interval.low, interval.high) == pytest.approx((-0.15, 0.76))
    assert cliffs_delta(*PERMEABILITY) == pytest.approx(0.40)


def test_common_language_effect() -> None:
    same = np.array([1.0, 2.0, 3.0])
    assert common_language_effect(same, same) == 0.5
    assert common_language_effect(same, same + 10) == 0.0


def test_large_samples_use_the_normal_cut() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.normal(0.5, 1, 400), generator.normal(0, 1, 300)
    interval = shift_interval(first, second)
    assert 0.5 in interval
    assert hodges_lehmann(first, second) in interval
    # Each end is where the test would just reject: shifted there, the p-value is at the edge of 5 %.
    assert mann_whitney(first - interval.low, second) == pytest.approx(0.05, abs=0.002)


samples = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=14)


@given(samples, samples)
def test_estimate_is_the_median_of_all_differences(first: list[float], second: list[float]) -> None:
    differences = np.subtract.outer(np.array(first), np.array(second)).ravel()
    assert hodges_lehmann(np.array(first), np.array(second)) == pytest.approx(float(np.median(differences)), abs=1e-9)
    brute = float((differences > 0).sum() + (differences == 0).sum() / 2)
    assert wins(np.array(first), np.array(second)) == brute
