"""When a candidate is sent nothing, and when it is tried again."""

from __future__ import annotations

from migrator.shadow.modes.gate import Gate


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def gate() -> tuple[Gate, Clock]:
    clock = Clock()
    return Gate(failures=3, pause=10.0, clock=clock), clock


def test_it_closes_after_failures_in_a_row_and_not_before() -> None:
    ours, _ = gate()
    for _ in range(2):
        ours.failed("taken")
    ours.went_well("taken")
    for _ in range(2):
        ours.failed("taken")
    assert ours.why_closed() == ""
    ours.failed("taken")
    assert ours.why_closed() == "3 jobs in a row were not taken"


def test_after_the_pause_one_tries_and_the_others_wait_for_how_it_fares() -> None:
    ours, clock = gate()
    for _ in range(3):
        ours.failed("taken")
    clock.now += 10.0
    assert ours.why_closed() == "", "this one tries"
    assert ours.why_closed() != ""
    ours.failed("taken")
    assert ours.why_closed() == "4 jobs in a row were not taken"
    clock.now += 10.0
    assert ours.why_closed() == ""
    ours.went_well("taken")
    assert [ours.why_closed() for _ in range(3)] == ["", "", ""]


def test_a_try_that_nobody_hears_of_does_not_keep_it_closed_for_ever() -> None:
    ours, clock = gate()
    for _ in range(3):
        ours.failed("taken up")
    for _ in range(2):
        clock.now += 10.0
        assert ours.why_closed() == ""


def test_jobs_that_are_taken_say_nothing_about_their_being_taken_up() -> None:
    ours, _ = gate()
    for _ in range(3):
        ours.went_well("taken")
        ours.failed("taken up")
    assert ours.why_closed() == "3 jobs in a row were not taken up"
    ours.went_well("taken")
    assert ours.why_closed() != ""
    ours.went_well("taken up")
    assert ours.why_closed() == ""


def test_what_a_look_found_comes_first() -> None:
    ours, _ = gate()
    ours.trouble = "it has no workers"
    assert ours.why_closed() == "it has no workers"
    ours.trouble = ""
    assert ours.why_closed() == ""
