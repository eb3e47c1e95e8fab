"""Whole seconds in a header, and what can be known from them."""

from __future__ import annotations

from email.utils import formatdate

from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.http_clock import SECOND, UNKNOWN, Answer, clock_reading
from migrator.shadow.ledger import ClockReading, offset_of

NOW = 1_795_000_000 * SECOND


def answer(at: int, offset: int, *, way: int = 10_000_000) -> Answer:
    """An answer of a store whose clock is `offset` ahead, asked at `at`."""
    return Answer(at, formatdate((at + way + offset) // SECOND, usegmt=True), at + 2 * way)


@given(st.integers(-5 * SECOND, 5 * SECOND), st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=5))
def test_the_true_offset_is_always_within_what_is_said(offset: int, moments: list[int]) -> None:
    reading = clock_reading(answer(NOW + moment, offset) for moment in moments)
    assert abs(offset_of(reading) - offset) <= reading.rtt_ns / 2 + 1


def test_clocks_that_may_agree_are_taken_to_agree() -> None:
    assert clock_reading([answer(NOW + 300_000_000, 0)]).offset_ns == 0
    assert clock_reading([answer(NOW, 0)]).rtt_ns >= 2 * 980_000_000, "the header says no more than this"


def test_answers_on_both_sides_of_a_second_tell_more_than_one() -> None:
    one = clock_reading([answer(NOW + 500_000_000, -3 * SECOND)])
    two = clock_reading([answer(NOW + 960_000_000, -3 * SECOND), answer(NOW + 1_010_000_000, -3 * SECOND)])
    assert abs(offset_of(two) + 3 * SECOND) < 50_000_000
    assert two.rtt_ns < one.rtt_ns / 5


def test_without_a_header_nothing_is_known() -> None:
    assert clock_reading([Answer(NOW, "", NOW + 5)]) == ClockReading(0, 2 * UNKNOWN)


def test_a_clock_that_was_set_in_between() -> None:
    reading = clock_reading([answer(NOW, 50 * SECOND), answer(NOW + SECOND, -50 * SECOND)])
    assert abs(offset_of(reading) + 50 * SECOND) <= SECOND
