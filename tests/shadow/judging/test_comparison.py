import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.shadow.judging.comparison import Comparison, compare
from migrator.shadow.judging.criteria import Criteria, Metric
from migrator.shadow.measuring.metrics import Share
from migrator.shadow.statistics.difference_sequence import difference_sequence
from migrator.shadow.statistics.rank_sequence import ranks_in_sequence
from tests.shadow.arms import arm, durations

CRITERIA = Criteria()


def shares(failed: int, jobs: int, current_failed: int, current_jobs: int, candidates: int = 1) -> Comparison:
    current = arm("current", jobs=current_jobs, first_failed=current_failed)
    return compare(current, arm("new", jobs=jobs, first_failed=failed), "first_attempt_failure", CRITERIA, candidates)


def waits(after: list[float], before: list[float], still_open: Sequence[float] = ()) -> Comparison:
    current = arm("current", wait=durations(before))
    return compare(current, arm("new", wait=durations(after, still_open)), "queue_wait_p95", CRITERIA, 1)


def test_few_jobs_are_judged_exactly() -> None:
    found = shares(5, 100, 3, 120)
    assert found.estimate == pytest.approx(5 / 100 - 3 / 120)
    assert found.interval == difference_sequence(5, 100, 3, 120, 0.05)
    assert found.single_look is not None
    assert found.interval.low < found.single_look.low < found.single_look.high < found.interval.high


def test_more_candidates_make_every_interval_more_careful() -> None:
    assert shares(5, 100, 3, 120, candidates=2).interval == difference_sequence(5, 100, 3, 120, 0.025)


def test_many_jobs_settle_it() -> None:
    fine = shares(500, 10_000, 500, 10_000)
    assert fine.p_not_inferior < 0.05
    assert fine.growth == 1.0
    worse = shares(900, 10_000, 500, 10_000)
    assert worse.p_inferior < 0.001
    assert worse.p_not_inferior == 1.0
    assert worse.matters


def test_a_p_value_is_where_the_interval_touches_the_margin() -> None:
    found = shares(40, 1000, 45, 1000)
    level = Criteria(alpha=found.p_not_inferior)
    current, new = arm("current", jobs=1000, first_failed=45), arm("new", jobs=1000, first_failed=40)
    touching = compare(current, new, "first_attempt_failure", level, 1)
    assert touching.interval is not None
    assert touching.interval.high == pytest.approx(CRITERIA.first_attempt_failure, abs=2e-5)


def test_the_other_p_value_is_where_it_touches_the_same() -> None:
    found = shares(80, 1000, 45, 1000)
    assert 0.001 < found.p_inferior < 0.25
    current, new = arm("current", jobs=1000, first_failed=45), arm("new", jobs=1000, first_failed=80)
    touching = compare(current, new, "first_attempt_failure", Criteria(alpha=found.p_inferior), 1)
    assert touching.interval is not None
    assert touching.interval.low == pytest.approx(0.0, abs=2e-5)


def test_the_forecast_is_about_right() -> None:
    found = shares(10, 200, 10, 200)
    assert found.growth is not None
    assert found.growth > 2
    later = round(200 * found.growth)
    settled = shares(round(later * 0.05), later, round(later * 0.05), later)
    assert settled.interval is not None
    assert settled.interval.high == pytest.approx(CRITERIA.first_attempt_failure, rel=0.03)


def test_a_difference_at_the_margin_is_never_settled() -> None:
    assert shares(200, 10_000, 0, 10_000).matters
    current = arm("current", jobs=100_000, first_failed=5000)
    close = compare(
        current, arm("new", jobs=100_000, first_failed=5999), "first_attempt_failure", Criteria(first_attempt_failure=0.0201), 1
    )
    assert close.growth == 1.0  # surely worse, by half the margin and more: that is an answer too


def test_a_ratio_uses_the_ranks_of_both_arms() -> None:
    before, after = [float(i) for i in range(1, 401)], [i / 2 for i in range(1, 501)]
    found = waits(after, before)
    low, high = ranks_in_sequence(500, 0.95, 0.025)
    low_before, high_before = ranks_in_sequence(400, 0.95, 0.025)
    assert found.interval is not None
    assert found.interval.low == pytest.approx((low / 2) / high_before)
    assert found.interval.high == pytest.approx((high / 2) / low_before)
    assert found.estimate == pytest.approx(237.5 / 380)


def test_too_few_jobs_leave_the_tail_unbounded() -> None:
    found = waits([1.0] * 40, [1.0] * 40)
    assert found.interval is not None
    assert math.isinf(found.interval.high)
    assert found.growth is not None
    assert found.growth > 1


def test_open_jobs_count_both_ways() -> None:
    done = [float(i) for i in range(1, 401)]
    closed = waits(done, done)
    young = waits(done, done, [0.5] * 30)
    old = waits(done, done, [1000.0] * 30)
    assert closed.interval is not None
    assert young.interval is not None
    assert old.interval is not None
    assert math.isinf(young.interval.high)  # they may never end
    assert young.interval.low < closed.interval.low  # or at once
    assert old.interval.low > young.interval.low  # not at once: they are 1000 s old
    assert old.candidate is None
    assert old.matters


def test_what_is_quicker_than_a_clock_can_tell_is_the_same() -> None:
    for after, before in ((0.0, 0.0003), (0.0009, 0.0003), (0.0009, 0.0)):
        found = waits([after] * 2000, [before] * 2000)
        assert found.estimate == 1.0
        assert found.p_not_inferior < 0.05


def test_lost_jobs_never_end() -> None:
    done = [float(i) for i in range(1, 401)]
    current = arm("current", end_to_end=durations(done))
    lossy = compare(current, arm("new", end_to_end=durations(done, lost=60)), "end_to_end_p95", CRITERIA, 1)
    assert lossy.interval is not None
    assert math.isinf(lossy.interval.low)
    assert lossy.p_inferior < 0.001


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=30, max_size=120), st.data())
def test_bounds_with_open_jobs_hold_whatever_becomes_of_them(values: list[float], data: st.DataObject) -> None:
    done = [float(i) for i in range(1, 201)]
    cut = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    ages = [data.draw(st.floats(0, v)) for v, is_open in zip(values, cut, strict=True) if is_open]
    seen = waits([v for v, is_open in zip(values, cut, strict=True) if not is_open], done, ages)
    later = waits(values, done)
    assert seen.interval is not None
    assert later.interval is not None
    assert seen.interval.low <= later.interval.low
    assert later.interval.high <= seen.interval.high


@pytest.mark.parametrize("metric", ["first_attempt_failure", "queue_wait_p95"])
def test_what_cannot_be_seen_is_not_compared(metric: Metric) -> None:
    blind = arm("new", jobs=50, first_unknown=50, first_failed=0)
    hidden = durations([])
    blind = arm("new", jobs=50, first_unknown=50, first_failed=0, wait=type(hidden)(hidden.values, hidden.ended, unknown=50))
    found = compare(arm("current"), blind, metric, CRITERIA, 1)
    assert found.obstacle == "not visible in new"
    assert found.p_not_inferior == 1.0
    assert blind.first_attempt == Share(0, 0, 50)


def test_nothing_yet() -> None:
    found = compare(arm("current"), arm("new", jobs=0, first_failed=0, discarded=0), "queue_wait_p95", CRITERIA, 1)
    assert (found.obstacle, found.early) == ("no job of new can be counted yet", True)


def test_a_wrong_claim_under_daily_looks_is_rare() -> None:
    """The candidate's waits are exactly at the margin; the claim that they are within it is made at any of forty looks."""
    generator = np.random.default_rng(12)
    wrong = 0
    for _ in range(60):
        before, after = generator.exponential(1.0, 1200), generator.exponential(1.5, 1200)
        looks = (waits(after[:n].tolist(), before[:n].tolist()) for n in range(120, 1201, 120))
        wrong += any(found.interval is not None and found.interval.high < 1.5 for found in looks)
    assert wrong <= 3
