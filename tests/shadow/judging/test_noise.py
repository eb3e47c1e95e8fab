import numpy as np
import pytest
from msgspec.structs import replace

from migrator.shadow.judging.check import Check
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.noise import measure_noise, noise_check
from migrator.shadow.judging.verdict import Pace, judge
from migrator.shadow.measuring.metrics import ArmMetrics
from tests.shadow.arms import arm, durations

SHARES = Criteria(compare=("first_attempt_failure",))


def again(**what: object) -> ArmMetrics:
    found = arm("again", **what)  # type: ignore[arg-type]
    return replace(found, record=replace(found.record, role="noise"))


def test_equal_arms_look_equal() -> None:
    arms = (arm("current", jobs=1000, first_failed=50), arm("new", jobs=1000), again(jobs=1000, first_failed=54))
    check = noise_check(arms, (), SHARES)
    assert (check.state, check.finding) == (
        "ok",
        "two arms of the current system differ no more than by chance: first-attempt failures by +0.4 points",
    )
    (noise,) = measure_noise(arms, (), SHARES)
    assert noise.arm == "again"
    assert noise.comparisons[0].estimate == pytest.approx(0.004)


def test_arms_that_should_be_equal_and_are_not() -> None:
    better = noise_check((arm("current", jobs=2000, first_failed=300), again(jobs=2000, first_failed=60)), (), SHARES)
    slower = again(wait=durations(np.linspace(2, 4, 900)))
    worse = noise_check((arm("current", wait=durations(np.linspace(1, 2, 900))), slower), (), Criteria(compare=("queue_wait_p95",)))
    assert better.state == worse.state == "warning"
    assert "first-attempt failures by −12 points; something besides the system" in better.finding
    assert "queue wait (p95) by 2.00 ×" in worse.finding


def test_a_false_alarm_is_rare() -> None:
    generator = np.random.default_rng(8)
    criteria = Criteria(compare=("first_attempt_failure", "discarded"))
    alarms = 0
    for _ in range(150):
        (a, b), (c, d) = generator.binomial(1000, 0.05, 2), generator.binomial(1000, 0.02, 2)
        found = noise_check(
            (arm("current", jobs=1000, first_failed=a, discarded=c), again(jobs=1000, first_failed=b, discarded=d)), (), criteria
        )
        alarms += found.state == "warning"
    assert alarms / 150 <= 0.05


def test_without_such_an_arm_it_is_not_known() -> None:
    assert noise_check((arm("current"), arm("new")), (), SHARES).state == "unknown"
    assert measure_noise((arm("current"), arm("new")), (), SHARES) == ()


def test_what_cannot_be_compared_is_not() -> None:
    spoilt = Check("retries", "warning", "attempts allowed differ", ("discarded",))
    found = noise_check((arm("current"), again()), (spoilt,), Criteria(compare=("discarded",)))
    assert (found.state, found.finding) == ("unknown", "the arms that run the current system twice have nothing to compare yet")


def test_it_is_never_judged() -> None:
    arms = (arm("current", jobs=4000), arm("new", jobs=4000), again(jobs=4000, lost=9))
    assert [verdict.arm for verdict in judge(arms, (), Criteria(), Pace(12_000, 30 * 86400))] == ["new"]


def test_every_end_of_every_metric_is_a_chance_to_be_wrong() -> None:
    """A difference that one interval at alpha alone would leave out is no alarm among several."""
    current = arm("current", jobs=1000)
    arms = {n: (current, again(jobs=1000, first_failed=n)) for n in range(10, 80)}
    alone = next(n for n in arms if noise_check(arms[n], (), SHARES).state == "warning")
    three = Criteria(compare=("first_attempt_failure", "discarded", "queue_wait_p95"))
    assert noise_check(arms[alone], (), three).state == "ok"
    assert noise_check(arms[79], (), three).state == "warning"
