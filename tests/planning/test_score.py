"""The arithmetic of scores, bands and hours."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.planning import score, weights
from migrator.planning.score import Part, hours, limit_points, total


def worked(features: int, fan_out: int, limits: int, payload: int, coupling: int, opacity: float) -> float:
    return total(
        (
            Part("features", weights.FEATURES * features),
            Part("fan-out", weights.FAN_OUT * fan_out),
            Part("limits", weights.LIMITS * limits),
            Part("payload", weights.PAYLOAD * payload),
            Part("coupling", weights.COUPLING * coupling),
            Part("opacity", weights.OPACITY * opacity),
        )
    ).points


def test_the_worked_example() -> None:
    """The audit of 200 chunks by 4 plugins: to Inngest, to pg-boss, to BullMQ."""
    steps, unknown_state = limit_points(0.804), limit_points(None)
    assert (steps, unknown_state) == (2, 1)
    assert worked(14, 3, steps + unknown_state, 1, 1, score.opacity(10, 8)) == 97
    assert worked(9, 3, 1, 0, 1, 0.4) == 64
    assert score.band(97, blocked=False, mechanical=False) == "redesign"
    assert score.band(64, blocked=False, mechanical=False) == "manual"


def test_a_score_ends_at_a_hundred() -> None:
    assert total((Part("features", 112), Part("fan-out", 18))).points == 100


@given(st.floats(0, 100), st.booleans())
def test_more_difficult_is_never_less_work(difficulty: float, mechanical: bool) -> None:
    lower = hours(score.band(difficulty / 2, blocked=False, mechanical=mechanical))
    higher = hours(score.band(difficulty, blocked=False, mechanical=mechanical))
    assert lower.low <= higher.low
    assert lower.high <= higher.high


def test_bands_follow_on_each_other() -> None:
    bounds = [highest for highest, _, _ in weights.BANDS.values()]
    ranges = [(low, high) for _, low, high in weights.BANDS.values()]
    assert bounds == sorted(bounds)
    assert bounds[-1] == 100
    assert all(this[1] == following[0] for this, following in pairwise(ranges))


@pytest.mark.parametrize(("share", "points"), [(0.49, 0), (0.5, 1), (0.79, 1), (0.8, 2), (1.0, 2), (None, 1)])
def test_from_half_of_a_limit_on_it_counts(share: float | None, points: int) -> None:
    assert limit_points(share) == points
