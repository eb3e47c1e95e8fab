import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.reporting.drawing.scales import Linear, Logarithmic, durations_between, factors_between, steps_between


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_larger_values_are_further_along(low: float, span: float, one: float, other: float) -> None:
    scale = Linear(low, low + span, 10, 300)
    first, second = (scale(low + part * span) for part in sorted((one, other)))
    assert 10 - 1e-6 <= first <= second + 1e-6 <= 300 + 1e-3


@given(st.floats(1e-4, 1e4), st.floats(1.1, 1e4))
def test_equal_factors_are_equally_far_apart(low: float, factor: float) -> None:
    scale = Logarithmic(low, low * factor, 0, 100)
    assert scale(low * factor**0.5) == pytest.approx(50)
    assert scale(0) == 0
    assert scale(float("inf")) == 100


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_steps_are_few_even_and_inside(low: float, span: float) -> None:
    found = steps_between(low, low + span)
    assert 1 <= len(found) <= 9
    assert all(low - span * 0.01 <= value <= low + span * 1.01 for value in found)


@given(st.floats(1e-4, 1e5), st.floats(5, 1e6))
def test_durations_are_few_and_inside(low: float, factor: float) -> None:
    found = durations_between(low, low * factor)
    assert len(found) <= 5
    assert all(low <= value <= low * factor for value, _ in found)


@given(st.floats(1e-3, 0.99), st.floats(1.01, 1e3))
def test_the_same_is_always_marked(low: float, high: float) -> None:
    found = factors_between(low, high)
    assert 1 in found
    assert len(found) <= 7
