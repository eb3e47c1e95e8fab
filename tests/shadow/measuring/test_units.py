from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from migrator.shadow.judging import fairness
from migrator.shadow.judging.comparison import compare
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.ledger import ArmRecord, Epoch
from migrator.shadow.measuring.metrics import ArmMetrics
from migrator.shadow.measuring.units import UnitJobs, UnitWatch
from migrator.shadow.routing import BUCKETS
from migrator.shadow.statistics import sample_ratio
from tests.shadow.arms import SECOND, arm, durations
from tests.shadow.histories import attempt, history

CRITERIA = Criteria()


def alike(name: str, units: int, each: int, bad: int, seed: int = 1) -> ArmMetrics:
    """Jobs of so many tenants, of which `bad` fail with every first attempt and take ten times as long."""
    unit = np.repeat(np.arange(units), each)
    failed = (unit < bad).astype(np.int8)
    took = np.exp(np.random.default_rng(seed).normal(0, 0.3, len(unit))) * np.where(failed, 10.0, 1.0)
    jobs = UnitJobs(
        unit=unit,
        assigned_ns=SECOND * np.arange(len(unit), dtype=np.int64),
        epoch=np.ones(len(unit), dtype=np.int64),
        first_failed=failed,
        discarded=np.zeros(len(unit), dtype=np.int8),
        wait=took,
        end_to_end=took,
    )
    return arm(name, jobs=len(unit), first_failed=int(failed.sum()), unit_jobs=jobs, wait=durations(took), end_to_end=durations(took))


def test_jobs_of_one_tenant_count_as_what_they_tell() -> None:
    found = compare(alike("current", 60, 50, 3), alike("new", 60, 50, 3), "first_attempt_failure", CRITERIA, 1)
    as_one_by_one = compare(
        arm("current", jobs=60, first_failed=3), arm("new", jobs=60, first_failed=3), "first_attempt_failure", CRITERIA, 1
    )
    assert found.design_effects == pytest.approx((50, 50))
    assert (found.n_current, found.n_candidate, found.estimate) == (3000, 3000, 0.0)
    assert found.interval is not None
    assert as_one_by_one.interval is not None
    assert found.interval.high == pytest.approx(as_one_by_one.interval.high, abs=0.01)
    assert found.single_look is not None
    assert found.single_look.high > 0.05


def test_tails_of_tenants_too() -> None:
    found = compare(alike("current", 200, 40, 8), alike("new", 200, 40, 8, seed=2), "end_to_end_p95", CRITERIA, 1)
    assert found.design_effects[0] > 5
    assert found.interval is not None
    assert found.interval.high > 2
    assert found.single_look is not None
    plain = compare(arm("current", jobs=8000), arm("new", jobs=8000), "end_to_end_p95", CRITERIA, 1)
    assert plain.interval is not None
    assert plain.interval.high < 1.25


def test_each_metric_has_an_effect_of_its_own() -> None:
    jobs = alike("new", 60, 50, 3).unit_jobs
    dead = np.arange(3000) % 7 == 0
    assert jobs.design_effect("first_attempt_failure") == pytest.approx(50)
    assert replace(jobs, discarded=dead.astype(np.int8)).design_effect("discarded") < 1.5


def test_a_false_claim_about_few_tenants_is_rare() -> None:
    """Tenants differ as Beta(1, 9) does; the candidate is worse by exactly the margin. Counting every job would claim it is not, often."""
    generator = np.random.default_rng(11)
    wrong = naive = 0
    for _ in range(120):
        arms = []
        for share in (0.1, 0.15):
            chance = generator.beta(1, 1 / share - 1, 24)
            unit = np.repeat(np.arange(24), 100)
            failed = (generator.random(2400) < chance[unit]).astype(np.int8)
            jobs = UnitJobs(unit, unit, np.ones(2400, dtype=np.int64), failed, failed, np.ones(2400), np.ones(2400))
            arms.append(arm("x", jobs=2400, first_failed=int(failed.sum()), unit_jobs=jobs))
        lax = Criteria(first_attempt_failure=0.05)
        found = compare(arms[0], arms[1], "first_attempt_failure", lax, 1)
        plain = [arm("x", jobs=2400, first_failed=a.first_attempt.events) for a in arms]
        wrong += found.p_not_inferior <= 0.05
        naive += compare(plain[0], plain[1], "first_attempt_failure", lax, 1).p_not_inferior <= 0.05
    assert wrong / 120 <= 0.05
    assert naive / 120 > 0.1


def test_a_handful_of_tenants_is_not_compared() -> None:
    found = compare(alike("current", 60, 5, 3), alike("new", 9, 50, 1), "queue_wait_p95", CRITERIA, 1)
    assert found.obstacle == "the jobs of new belong to 9 units of routing; it takes 10"


def test_what_is_gathered() -> None:
    watch = UnitWatch()
    fails = [attempt(3, 4, "failed"), attempt(6, 7, number=2)]
    watch.see(history("j1", unit="a", available=1, attempts=fails, terminal=7))
    watch.see(history("j2", unit="a", available=1, outcome="discarded", attempts=[attempt(2, 3, "failed")], terminal=3))
    watch.see(history("j3", unit="b", available=1, outcome="in_flight"))
    watch.see(history("j4", unit="j4", available=1, attempts=[attempt(2, 3)], terminal=3))
    watch.see(history("j5", unit="b", available=1, outcome="in_flight", started=[5]))
    found = watch.close()
    assert (found.units, len(found.unit), found.clustered) == (2, 4, True)
    assert found.first_failed.tolist() == [1, 1, -1, -1]
    assert found.discarded.tolist() == [0, 1, -1, -1]
    assert found.wait.tolist() == [2.0, 1.0, np.inf, 4.0]
    assert found.end_to_end.tolist() == [7.0, 3.0, np.inf, np.inf]
    assert UnitWatch().close().clustered is False


def test_the_split_is_that_of_units() -> None:
    """Thirty tenants with a hundred jobs each: 1,200 against 1,800 jobs is what twelve against eighteen tenants give by chance."""
    arms = (alike("current", 12, 100, 0), alike("new", 18, 100, 0))
    records = [
        ArmRecord(arm=name, system="rq", role="current", ranges=((first, first + BUCKETS // 2),))
        for name, first in (("current", 0), ("new", BUCKETS // 2))
    ]
    epoch = Epoch(config_epoch=1, experiment="x", config_hash="", config="{}", started_ns=0, arms=tuple(records))
    found = fairness.split([epoch], arms)
    assert found.state == "ok"
    assert "split by their units" in found.finding
    alone = (arm("current", jobs=1200), arm("new", jobs=1800))
    assert fairness.split([epoch], alone).state == "invalid"


def test_jobs_that_are_units_of_their_own_count_beside_those_that_share_one() -> None:
    """Forty jobs of four tenants say little; that of the others six in seven went one way says enough."""
    first, second = (alike(name, 2, 10, 0) for name in ("current", "new"))
    lines = [arm(each.record.arm, jobs=jobs, unit_jobs=each.unit_jobs) for each, jobs in ((first, 620), (second, 120))]
    epoch = Epoch(config_epoch=1, experiment="x", config_hash="", config="{}", started_ns=0, arms=tuple(a.record for a in lines))
    found = fairness.split([epoch], lines)
    assert "split by their units" in found.finding
    assert found.state == "invalid"
    assert f"{sample_ratio.chi_square([602, 102], [1, 1]):.2g} at one look" in found.finding
    # Of what was folded nobody knows any more which jobs shared a unit.
    assert fairness.split([epoch], [replace(lines[0], folded=5), lines[1]]).state == "ok"


def test_what_is_said_of_them() -> None:
    found = fairness.independence((alike("current", 60, 50, 3), alike("new", 60, 50, 3)))
    assert found.state == "ok"
    assert "3,000 jobs of current belong to 60 units of routing and count for about 60" in found.finding
    assert fairness.independence((alike("current", 60, 50, 3), alike("new", 5, 50, 3))).state == "warning"
    assert fairness.independence((arm("current"), arm("new"))).finding == "jobs were routed one by one, or nearly so"
