from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.one_look import MOST, OneLook, look
from migrator.shadow.measuring.metrics import ArmMetrics
from tests.shadow.arms import arm, durations


def looked(current: ArmMetrics, new: ArmMetrics) -> OneLook:
    (found,) = look((current, new), Criteria())
    return found


def test_tiny_tables_get_every_exact_test() -> None:
    found = looked(arm("current", jobs=20, first_failed=12), arm("new", jobs=10, first_failed=7)).shares[0]
    assert found.metric == "first_attempt_failure"
    assert found.p_boschloo is not None
    assert found.p_barnard is not None
    assert found.p_fisher == pytest.approx(0.7020, abs=1e-4)
    assert found.p_barnard == pytest.approx(found.p_boschloo, abs=0.1)


def test_larger_ones_do_not() -> None:
    found = looked(arm("current", jobs=1000, first_failed=50), arm("new", jobs=1000, first_failed=80)).shares[0]
    assert (found.p_barnard, found.p_boschloo) == (None, None)
    assert found.p_fisher == pytest.approx(0.0083, abs=1e-4)
    assert found.p_within > 0.5
    assert 0.03 in found.interval


def test_nothing_failed_anywhere() -> None:
    found = looked(arm("current", jobs=20, first_failed=0), arm("new", jobs=20, first_failed=0)).shares[0]
    assert (found.p_fisher, found.p_barnard) == (1.0, None)


def test_how_much_longer_jobs_take() -> None:
    generator = np.random.default_rng(1)
    before, after = generator.exponential(1.0, 400), generator.exponential(1.0, 400) + 0.5
    found = {t.measure: t for t in looked(arm("current", wait=durations(before)), arm("new", wait=durations(after))).times}["wait"]
    assert found.test == "Mann-Whitney"
    assert found.shift == pytest.approx(0.5, abs=0.1)
    assert found.interval is not None
    assert 0.5 in found.interval
    assert found.longer is not None
    assert found.delta == pytest.approx(2 * found.longer - 1)
    assert found.p_same < 1e-6


def test_open_jobs_leave_the_log_rank_test() -> None:
    found = looked(arm("current"), arm("new", wait=durations(np.linspace(1, 3, 100), open_at=[9.0] * 20))).times[0]
    assert (found.test, found.shift, found.interval, found.n_candidate) == ("log-rank", None, None, 120)
    assert found.p_same < 0.001


def test_millions_are_drawn_from() -> None:
    many = durations(np.linspace(1, 2, MOST * 3))
    found = looked(arm("current", wait=many), arm("new", wait=durations(np.linspace(1.2, 2.2, MOST * 3)))).times[0]
    assert found.n_candidate == 3 * MOST
    assert found.shift == pytest.approx(0.2, abs=0.01)


def test_too_few_times_are_not_told() -> None:
    few = durations([1.0] * 4)
    assert looked(arm("current", wait=few, end_to_end=few), arm("new", wait=few, end_to_end=few)).times == ()


def test_errors_that_only_a_candidate_meets() -> None:
    current = replace(arm("current", jobs=500), errors={"TimeoutError": 20}, deliveries=520)
    new = replace(arm("new", jobs=500), errors={"TimeoutError": 24, "ReplyError": 15}, deliveries=540)
    other = replace(arm("other", jobs=500), errors={"ReplyError": 1}, deliveries=500)
    first, second = look((current, new, other), Criteria())
    assert first.errors["TimeoutError"] > 0.5
    assert first.errors["ReplyError"] < 0.001
    # Twice as many attempts with twice as many errors are no more of them.
    double = replace(arm("new", jobs=500), errors={"TimeoutError": 40}, deliveries=1040)
    assert looked(current, double).errors["TimeoutError"] > 0.9
    # No timeouts at all is unlikely too; corrected over the four questions it stays so.
    assert second.errors["TimeoutError"] < 0.001
    assert second.errors["ReplyError"] > 0.9
