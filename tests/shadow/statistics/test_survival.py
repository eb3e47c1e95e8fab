"""Known answers: Freireich's remission times, the standard example of survival analysis."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.quantiles import quantile
from migrator.shadow.statistics.survival import kaplan_meier, log_rank

# Weeks in remission; the second line was still in remission when last seen.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
OPEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
DURATIONS = np.array(RELAPSED + OPEN, dtype=float)
ENDED = np.arange(21) < len(RELAPSED)
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float)


def test_curve() -> None:
    curve = kaplan_meier(DURATIONS, ENDED)
    expected = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {int(t): round(float(s), 4) for t, s in zip(curve.times, curve.remaining, strict=True)} == expected
    assert curve.share_ended(12) == pytest.approx(1 - 0.7529, abs=5e-5)
    assert curve.share_ended(1) == 0.0
    assert curve.quantile(0.5) == 23


def test_log_rank() -> None:
    statistic, p_value = log_rank(DURATIONS, ENDED, PLACEBO, np.ones(len(PLACEBO), dtype=bool))
    assert statistic == pytest.approx(16.793, abs=5e-4)
    assert p_value == pytest.approx(4.17e-5, abs=5e-8)


def test_more_open_than_asked_for_is_no_number() -> None:
    curve = kaplan_meier(DURATIONS, ENDED)
    assert math.isinf(curve.quantile(0.95))
    assert math.isinf(curve.quantile_interval(0.95).high)


def test_nothing_ended() -> None:
    curve = kaplan_meier(np.array([5.0, 9.0]), np.array([False, False]))
    assert math.isinf(curve.quantile(0.5))
    assert (curve.quantile_interval(0.5).low, curve.quantile_interval(0.5).high) == (0.0, math.inf)


def test_a_lost_job_never_leaves_the_risk_set() -> None:
    # Four jobs end at once, six are lost: the median is not reached, whatever the four say.
    durations = np.array([1.0] * 4 + [math.inf] * 6)
    assert math.isinf(kaplan_meier(durations, np.isfinite(durations)).quantile(0.5))


def test_leaving_open_jobs_out_would_flatter() -> None:
    generator = np.random.default_rng(4)
    true = generator.exponential(100.0, 4000)
    seen = np.minimum(true, 80.0)
    curve = kaplan_meier(seen, true <= 80.0)
    assert curve.quantile(0.5) == pytest.approx(100 * math.log(2), rel=0.06)
    assert quantile(np.sort(true[true <= 80]), 0.5) < 45  # the mistake that the curve avoids


def test_interval_covers_as_often_as_it_says() -> None:
    generator = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        true, cut = generator.exponential(1.0, 80), generator.uniform(0.5, 4.0, 80)
        hits += math.log(2) in kaplan_meier(np.minimum(true, cut), true <= cut).quantile_interval(0.5)
    assert 0.92 <= hits / 400 <= 0.98


@given(st.lists(st.integers(1, 40).map(float), min_size=1, max_size=60), st.sampled_from([0.25, 0.5, 0.9, 0.95]))
def test_without_open_jobs_it_is_the_plain_quantile(values: list[float], q: float) -> None:
    durations = np.array(values)
    curve = kaplan_meier(durations, np.ones(len(values), dtype=bool))
    assert curve.quantile(q) == quantile(np.sort(durations), q)
