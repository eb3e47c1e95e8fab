import numpy as np
import pytest
from msgspec.structs import replace

from migrator.shadow.judging import fairness
from migrator.shadow.judging.check import Check
from migrator.shadow.measuring.metrics import ArmMetrics, Share
from tests.shadow.arms import arm, epoch


def split_of(counts: list[int], *, seed: int = 3) -> Check:
    """Arms with these many jobs, in random order of assignment, a third each asked for."""
    order = np.random.default_rng(seed).permutation(sum(counts))
    edges = np.cumsum([0, *counts])
    arms = [
        arm(name, jobs=n, first_failed=0, share=1 / 3, assigned_at=order[a:b].tolist())
        for name, n, a, b in zip(["current", "b", "c"], counts, edges[:-1], edges[1:], strict=True)
    ]
    return fairness.split([epoch(arms)], arms)


def test_an_even_split_is_fine_and_a_bent_one_is_not() -> None:
    assert split_of([340, 325, 335]).state == "ok"
    bent = split_of([480, 260, 260])
    assert bent.state == "invalid"
    assert "48 %" in bent.finding


@pytest.mark.parametrize(("strays", "state"), [(0, "ok"), (3, "warning"), (40, "invalid")])
def test_jobs_of_an_arm_that_was_to_get_none(strays: int, state: str) -> None:
    moments = np.arange(1000 + strays).tolist()
    arms = [
        arm("current", jobs=500, share=0.5, assigned_at=moments[0:1000:2]),
        arm("b", jobs=500, share=0.5, assigned_at=moments[1:1000:2]),
        arm("c", jobs=strays, share=0.0, assigned_at=moments[1000:], first_failed=0, discarded=0),
    ]
    found = fairness.split([epoch(arms)], arms)
    assert found.state == state
    assert (f"{strays} jobs came to an arm that was to get none" in found.finding) == (strays > 0)


def test_the_split_is_judged_within_each_configuration() -> None:
    generator = np.random.default_rng(6)
    moments = [np.concatenate([generator.uniform(0, 1000, a), generator.uniform(2000, 3000, b)]) for a, b in ((800, 100), (100, 400))]
    first = arm("current", jobs=900, first_failed=0, assigned_at=moments[0].tolist())
    second = arm("new", jobs=500, first_failed=0, assigned_at=moments[1].tolist())
    later = [arm("current", share=0.5), arm("new", share=0.5)]
    # 800 : 100 at 90/10, then 100 : 400 at 20/80: each as asked for, the sum like neither.
    epochs = [epoch([arm("current", share=0.9), arm("new", share=0.1)]), epoch([arm("current", share=0.2), arm("new", share=0.8)], 2)]
    lines = [np.array([1] * 800 + [2] * 100), np.array([1] * 100 + [2] * 400)]
    arms = [replace(a, timeline=replace(a.timeline, epoch=line)) for a, line in zip([first, second], lines, strict=True)]
    assert fairness.split(epochs, arms).state == "ok"
    assert fairness.split([epoch(later), epoch(later, 2)], arms).state == "invalid"


def ended(name: str, events: int, trials: int) -> ArmMetrics:
    return replace(arm(name), ended=Share(events, trials))


@pytest.mark.parametrize(
    ("current", "new", "state"),
    [
        ((5000, 5000), (50, 50), "ok"),
        ((5000, 5000), (49, 50), "ok"),
        ((5000, 5000), (47, 50), "warning"),
        ((600, 600), (562, 580), "warning"),
        ((582, 600), (562, 580), "ok"),
        ((500, 600), (600, 600), "warning"),
        ((0, 0), (0, 0), "ok"),
    ],
)
def test_jobs_that_do_not_end(current: tuple[int, int], new: tuple[int, int], state: str) -> None:
    """A few that one arm keeps open are told of, though nearly all ended; one of fifty is chance."""
    found = fairness.attrition([ended("current", *current), ended("new", *new)])
    assert found.state == state
    assert f"current {current[0]:,} of {current[1]:,} and new {new[0]:,} of {new[1]:,}" in found.finding


def test_one_of_many_candidates_that_keeps_jobs_open_is_held_to_a_stricter_test() -> None:
    # 0.0007 alone, 0.0022 of three.
    arms = [ended("current", 1000, 1000), ended("b", 989, 1000)]
    assert fairness.attrition(arms).state == "warning"
    assert fairness.attrition([*arms, ended("c", 1000, 1000), ended("d", 1000, 1000)]).state == "ok"


def test_a_single_arm_has_nobody_to_end_unlike() -> None:
    assert fairness.attrition([ended("current", 10, 20)]).state == "ok"
