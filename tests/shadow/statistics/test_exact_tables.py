"""Known answers from the test suites and papers named in the reference for each exact test."""

import pytest

from migrator.shadow.statistics.exact_tables import barnard, boschloo, fisher


def test_fisher() -> None:
    assert fisher([[3, 1], [1, 3]]) == pytest.approx(0.4857, abs=5e-5)
    assert fisher([[6, 2], [1, 4]]) == pytest.approx(0.10256, abs=5e-6)


def test_barnard() -> None:
    assert barnard([[7, 12], [8, 3]], "less") == pytest.approx(0.03408, abs=1e-5)


def test_boschloo() -> None:
    assert boschloo([[74, 31], [43, 32]], "greater") == pytest.approx(0.03556, abs=1e-5)
