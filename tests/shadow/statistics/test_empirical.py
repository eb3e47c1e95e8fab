import numpy as np
import pytest

from migrator.shadow.statistics.empirical import band


@pytest.mark.parametrize(("n", "half_width"), [(50, 0.1921), (231, 0.0894), (1000, 0.0429)])
def test_known_answers(n: int, half_width: float) -> None:
    assert round(band(n), 4) == half_width
    assert band(0) == 1.0


def test_it_holds_the_whole_curve() -> None:
    generator = np.random.default_rng(3)
    steps = np.arange(1, 101) / 100
    misses = sum(bool(np.any(np.abs(np.sort(generator.random(100)) - steps) > band(100))) for _ in range(500))
    assert misses / 500 <= 0.05
