import msgspec
import numpy as np
import pytest

from migrator.errors import Exit
from migrator.shadow.judging.check import Check
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.judging.verdict import STATUS, Pace, Verdict, answer_of, judge
from migrator.shadow.measuring.metrics import ArmMetrics
from tests.shadow.arms import arm, durations

AT_ONCE = Criteria(minimum_days=0)
DAY = 86400.0
SPREAD = np.exp(np.linspace(-2, 2, 20_000))


def many(name: str, *, failed: int = 1000, discarded: int = 200, slower: float = 1.0, waits: float = 1.0, **more: int) -> ArmMetrics:
    return arm(
        name,
        jobs=20_000,
        first_failed=failed,
        discarded=discarded,
        wait=durations(0.1 * waits * SPREAD),
        end_to_end=durations(slower * SPREAD),
        **more,
    )


def verdicts(*candidates: ArmMetrics, criteria: Criteria = AT_ONCE, checks: tuple[Check, ...] = (), days: float = 10) -> list[Verdict]:
    jobs = sum(a.account.assigned for a in candidates)
    return list(judge([lasting(a, days) for a in (many("current"), *candidates)], checks, criteria, Pace(jobs, days * DAY)))


def lasting(arm: ArmMetrics, days: float) -> ArmMetrics:
    """Its jobs came evenly over so many days."""
    at = np.linspace(0, days * DAY * 1e9, len(arm.timeline.assigned_ns)).astype(np.int64)
    return msgspec.structs.replace(arm, timeline=msgspec.structs.replace(arm.timeline, assigned_ns=at))


def test_the_same_is_not_inferior() -> None:
    (found,) = verdicts(many("new"))
    assert found.answer == "not-inferior"
    assert found.reason.startswith("At worst, against current: first-attempt failures +")
    assert "(allowed +2 points)" in found.reason
    assert found.jobs_needed == 0


def test_better_is_not_inferior() -> None:
    (found,) = verdicts(many("new", failed=100, discarded=20, slower=0.3, waits=0.01))
    assert found.answer == "not-inferior"


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        ({"failed": 2000}, "first-attempt failures: 10 % against 5 % in current".capitalize()),
        ({"discarded": 600}, "jobs failed for good: 3 % against 1 % in current".capitalize()),
        ({"slower": 2.0}, "End-to-end time (p95): 2.00 × that of current"),
        ({"waits": 3.0}, "Queue wait (p95): 3.00 × that of current"),
    ],
)
def test_worse_on_any_metric_is_inferior(worse: dict[str, float], said: str) -> None:
    (found,) = verdicts(many("new", **worse))
    assert found.answer == "inferior"
    assert found.reason.startswith(said)


def test_few_jobs_say_nothing_and_how_many_would() -> None:
    current, new = arm("current", jobs=60, first_failed=3), arm("new", jobs=60, first_failed=3)
    (found,) = judge([current, new], (), AT_ONCE, Pace(120, 2 * DAY))
    assert found.answer == "inconclusive"
    assert found.jobs_needed is not None
    assert found.seconds_needed == pytest.approx(found.jobs_needed * 2 * DAY / 119)
    assert "more jobs" in found.reason
    assert "at this pace" in found.reason


def test_a_pace_that_cannot_be_told_is_not_told() -> None:
    current, new = arm("current", jobs=1, first_failed=0, discarded=0), arm("new", jobs=1, first_failed=0, discarded=0)
    (found,) = judge([current, new], (), AT_ONCE, Pace(2, 0.0))
    assert found.answer == "inconclusive"
    assert found.seconds_needed is None
    assert "at this pace" not in found.reason


def test_enough_jobs_in_too_few_days() -> None:
    (found,) = verdicts(many("new"), criteria=Criteria(), days=3)
    assert found.answer == "inconclusive"
    assert found.reason.startswith(
        "Within every margin so far, but on 3 days of at least 7 days with jobs in both arms: too early to say so."
    )
    assert found.seconds_needed == pytest.approx(4 * DAY)
    assert "4 days more would settle it" in found.reason


def test_days_without_jobs_are_not_days_that_were_seen() -> None:
    """Ten days from the first job to the last, six of which the candidate was switched off."""
    new = lasting(many("new"), 10)
    moments = new.timeline.assigned_ns
    line = msgspec.structs.replace(new.timeline, assigned_ns=moments[(moments < 2 * DAY * 1e9) | (moments >= 8 * DAY * 1e9)])
    (found,) = judge([lasting(many("current"), 10), msgspec.structs.replace(new, timeline=line)], (), Criteria(), Pace(40_000, 10 * DAY))
    assert found.answer == "inconclusive"
    assert "on 5 days of at least 7 days with jobs in both arms" in found.reason


def test_an_arm_that_joined_late_has_seen_no_more_than_its_own_days() -> None:
    """An experiment of ten days says nothing of a week about a candidate that had jobs for an hour."""
    arms = [lasting(many("current"), 10), lasting(many("late"), 1 / 24), lasting(many("new"), 10)]
    late, new = judge(arms, (), Criteria(), Pace(60_000, 10 * DAY))
    assert (late.answer, new.answer) == ("inconclusive", "not-inferior")
    assert "on 60 minutes of at least 7 days with jobs in both arms: too early to say so" in late.reason
    assert late.seconds_needed == pytest.approx((7 - 1 / 24) * DAY)


def test_jobs_that_did_not_go_by_the_shares_are_no_evidence() -> None:
    """All but ten went to the candidate by name: they are on its books, and tell nothing."""
    named = lasting(many("new"), 10)
    few = msgspec.structs.replace(named.timeline, assigned_ns=named.timeline.assigned_ns[[0, *range(-9, 0)]])
    (found,) = judge([lasting(many("current"), 10), msgspec.structs.replace(named, timeline=few)], (), Criteria(), Pace(40_000, 10 * DAY))
    assert found.answer == "inconclusive"
    assert "10 of at least 50 jobs in every arm" in found.reason


def test_too_few_jobs_are_never_enough() -> None:
    criteria = Criteria(minimum_days=0, minimum_jobs=30_000)
    (found,) = verdicts(many("new"), criteria=criteria)
    assert found.answer == "inconclusive"
    assert "20000 of at least 30,000 jobs in every arm" in found.reason
    assert found.jobs_needed is not None
    assert found.jobs_needed > 0


def test_harm_is_told_before_the_minimum_has_passed() -> None:
    (found,) = verdicts(many("new", failed=3000), criteria=Criteria(), days=0.5)
    assert found.answer == "inferior"


def test_a_lost_job_is_never_within_a_margin() -> None:
    (found,) = verdicts(many("new", lost=1))
    assert found.answer == "inferior"
    assert found.reason == "1 job of new was lost, none of current. No margin allows for that."


def test_losses_of_both_are_compared_as_times() -> None:
    current, new = many("current", lost=3), many("new", lost=2)
    (found,) = judge([current, new], (), AT_ONCE, Pace(40_000, 10 * DAY))
    assert found.guards == ()


def test_losing_more_than_the_current_system_is_never_within_a_margin() -> None:
    """Four in a hundred that never end move no 95th percentile of times that are alike, and fail no attempt."""
    alike = durations(np.full(9_600, 1.0), lost=400)
    arms = [
        lasting(arm(name, jobs=10_000, first_failed=100, discarded=10, lost=lost, wait=alike, end_to_end=alike), 10)
        for name, lost in (("current", 1), ("new", 400), ("alike", 2))
    ]
    new, same = judge(arms, (), Criteria(), Pace(30_000, 10 * DAY))
    assert new.answer == "inferior"
    assert new.reason.startswith("400 of 10,000 jobs of new were lost, 1 of 10,000 jobs of current: more than by chance.")
    assert same.answer == "not-inferior"
    assert same.guards == ()


def test_a_duplicate_effect_is_never_within_a_margin() -> None:
    (found,) = verdicts(many("new", twice=2))
    assert found.answer == "inferior"
    assert "2 jobs of new completed more than once" in found.reason


def test_data_that_cannot_be_trusted_decides_nothing() -> None:
    checks = (Check("clocks", "warning", "hm"), Check("split", "invalid", "the arms did not get the shares asked for"))
    found = verdicts(many("new", lost=1), many("other"), checks=checks)
    assert {v.answer for v in found} == {"invalid"}
    assert found[0].reason == "The data cannot be trusted: the arms did not get the shares asked for."


def test_what_cannot_be_compared_is_no_pass() -> None:
    check = Check("retries", "warning", "attempts allowed differ", ("discarded",))
    (found,) = verdicts(many("new"), checks=(check,))
    assert found.answer == "inconclusive"
    assert found.reason.startswith("Jobs failed for good cannot be compared: attempts allowed differ. Mend that")
    without = Criteria(minimum_days=0, compare=("first_attempt_failure", "end_to_end_p95", "queue_wait_p95"))
    assert verdicts(many("new"), checks=(check,), criteria=without)[0].answer == "not-inferior"


def test_each_metric_has_its_own_obstacle_and_time_needs_no_mending() -> None:
    check = Check("retries", "warning", "attempts allowed differ", ("discarded",))
    (found,) = verdicts(arm("new", jobs=0), checks=(check,))
    assert found.reason == (
        "Jobs failed for good cannot be compared: attempts allowed differ. Mend that, or take it out of `compare` in [criteria]. "
        "First-attempt failures, end-to-end time (p95) and queue wait (p95) cannot be compared: no job of new can be counted yet."
    )


def test_what_cannot_be_compared_is_never_inferior_for_it() -> None:
    check = Check("capacity", "warning", "workers differ", ("queue_wait_p95", "end_to_end_p95"))
    (found,) = verdicts(many("new", waits=9.0), checks=(check,))
    assert found.answer == "inconclusive"


def test_each_candidate_has_its_own_verdict() -> None:
    found = verdicts(many("good"), many("bad", failed=3000))
    assert [(v.arm, v.answer) for v in found] == [("good", "not-inferior"), ("bad", "inferior")]
    assert answer_of(found) == "inferior"


def test_a_small_harm_within_the_margin_is_not_called_inferior() -> None:
    # Surely worse than zero, surely within the margin.
    criteria = Criteria(minimum_days=0, compare=("first_attempt_failure",), first_attempt_failure=0.05)
    (found,) = verdicts(many("new", failed=1300), criteria=criteria)
    assert found.answer == "not-inferior"


def test_a_hopeless_wait_is_called_so() -> None:
    # Nobody can bound the wait of a system that leaves half of its jobs waiting.
    new = arm("new", jobs=200, first_failed=0, discarded=0, wait=durations([0.1] * 100, open_at=[0.01] * 100))
    (found,) = judge([arm("current", first_failed=0, discarded=0), new], (), AT_ONCE, Pace(400, DAY))
    assert found.jobs_needed is None
    assert "more jobs alone would not settle it (queue wait (p95))" in found.reason


def test_statuses_and_order() -> None:
    assert STATUS == {"not-inferior": Exit.YES, "inferior": Exit.NO, "inconclusive": Exit.UNDECIDED, "invalid": Exit.INVALID}
    assert answer_of([]) == "inconclusive"


def test_no_candidate() -> None:
    assert judge([many("current")], (), AT_ONCE, Pace(1, 1)) == ()


def test_a_claim_that_holds_alone_may_not_hold_among_several() -> None:
    criteria = Criteria(minimum_days=0, compare=("first_attempt_failure",))
    bad = many("bad", failed=1900)

    def alone(failed: int) -> Verdict:
        return verdicts(many("new", failed=failed), criteria=criteria)[0]

    close = next(failed for failed in range(1100, 1400, 3) if 0.03 < alone(failed).comparisons[0].p_not_inferior < 0.05)
    assert alone(close).answer == "not-inferior"
    assert verdicts(many("new", failed=close), bad, criteria=criteria)[0].answer != "not-inferior"
    # Beside one that is surely fine the second step is made at the full level.
    assert verdicts(many("new", failed=close), many("fine"), criteria=criteria)[0].answer == "not-inferior"


def test_false_claims_over_several_candidates_are_held_down() -> None:
    """Four candidates, each worse by exactly the margin on one metric: any "not inferior" would be wrong."""
    generator = np.random.default_rng(77)
    criteria = Criteria(minimum_days=0, compare=("first_attempt_failure",), first_attempt_failure=0.05)
    wrong = 0
    for _ in range(150):
        current = arm("current", jobs=800, first_failed=int(generator.binomial(800, 0.05)))
        candidates = [arm(f"c{i}", jobs=800, first_failed=int(generator.binomial(800, 0.10))) for i in range(4)]
        wrong += any(v.answer == "not-inferior" for v in judge([current, *candidates], (), criteria, Pace(4000, DAY)))
    assert wrong / 150 <= 0.05


def test_how_many_jobs_a_percentile_takes_is_said() -> None:
    few = judge((arm("current", jobs=60), arm("new", jobs=60)), (), Criteria(compare=("queue_wait_p95",)), Pace(120, 30 * 86400))
    assert "queue wait (p95) cannot be bounded yet, it takes 93 jobs in every arm" in few[0].reason.lower()
    many = judge((arm("current", jobs=93), arm("new", jobs=93)), (), Criteria(compare=("queue_wait_p95",)), Pace(186, 30 * 86400))
    assert "cannot be bounded" not in many[0].reason
