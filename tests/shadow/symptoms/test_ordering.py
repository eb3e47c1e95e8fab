from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.statistics.inversions import inversions
from migrator.shadow.symptoms.ordering import Ordering, OrderWatch, ordering_check
from tests.shadow.histories import history


def watched(jobs: list[tuple[str, float, float]]) -> Ordering:
    """Jobs as (unit, ready, start)."""
    watch = OrderWatch()
    for number, (unit, ready, start) in enumerate(jobs):
        watch.see(history(f"j{number}", unit=unit, available=ready, started=[start]))
    return watch.close()


@given(st.permutations(range(12)) | st.permutations(range(1)) | st.permutations(range(33)))
def test_inversions_are_what_counting_every_pair_gives(order: list[int]) -> None:
    brute = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
    assert inversions(np.array(order, dtype=np.int64)) == brute


def test_a_job_that_overtakes_another_of_its_unit() -> None:
    assert watched([("a", 1, 10), ("a", 2, 9), ("a", 3, 11)]) == Ordering(3, 1)
    assert watched([("a", 1, 12), ("a", 2, 11), ("a", 3, 10)]) == Ordering(3, 3)


def test_units_are_apart() -> None:
    assert watched([("a", 1, 20), ("b", 2, 10), ("a", 3, 21), ("b", 4, 11)]) == Ordering(2, 0)


def test_whatever_the_order_of_reading() -> None:
    jobs = [(unit, ready, ready + 5) for unit in "abc" for ready in range(20)]
    jobs[7], jobs[31] = ("a", 7, 100), ("b", 11, 3)
    shuffled = random.Random(4).sample(jobs, len(jobs))
    # a's job 7 started after the 12 that followed it; b's job 11 (ready at 11) before the 11 in front of it.
    assert watched(shuffled) == watched(jobs) == Ordering(3 * 190, 12 + 11)


def test_ready_at_the_same_instant_is_no_order() -> None:
    assert watched([("a", 1, 12), ("a", 1, 11)]).inverted == 0


def test_jobs_on_their_own_have_no_order_to_keep() -> None:
    watch = OrderWatch()
    watch.see(history("j1", unit="j1", available=1, started=[9]))
    watch.see(history("j2", unit="u", available=1, started=[]))
    assert watch.close() == Ordering(0, 0)
    assert ordering_check([("old", Ordering(0, 0)), ("new", Ordering(0, 0))]).state == "ok"


def test_a_delayed_job_is_not_overtaken_while_it_waits_for_its_time() -> None:
    watch = OrderWatch()
    watch.see(history("j1", unit="a", available=1, due=50, started=[51]))
    watch.see(history("j2", unit="a", available=2, started=[3]))
    assert watch.close() == Ordering(1, 0)


def test_more_overtaking_than_before_is_said() -> None:
    found = ordering_check([("old", Ordering(1000, 2)), ("new", Ordering(1000, 180)), ("newer", Ordering(1000, 1))])
    assert found.state == "warning"
    assert "old 0.2 %, new 18 % and newer 0.1 %" in found.finding
    assert "order of new would break" in found.finding
    assert ordering_check([("old", Ordering(1000, 90)), ("new", Ordering(1000, 120))]).state == "ok"
