from __future__ import annotations

import pytest

from migrator.shadow.symptoms.storms import FEWEST, SHORTEST, Storm, StormWatch, storm_check
from tests.shadow.histories import attempt, history

START = 29_833_333 * 60.0  # seconds: a full minute


def watched(minutes: list[tuple[int, float]]) -> tuple[Storm, ...]:
    """Starts in each minute, and the share of them that succeed within it."""
    watch, number = StormWatch(), 0
    for minute, (starts, good) in enumerate(minutes):
        for i in range(starts):
            at = START + 60 * minute + 50 * i / max(1, starts)
            result = "completed" if i < good * starts else "failed"
            watch.see(history(f"j{number}", attempts=[attempt(at, at + 1, result)]))
            number += 1
    return watch.close()


def test_a_storm_is_found_with_its_height_and_its_length() -> None:
    (storm,) = watched([(10, 0.9)] * 30 + [(70, 0.2), (120, 0.1), (90, 0.3)] + [(10, 0.9)] * 5)
    assert (storm.minutes, storm.starts, storm.usual) == (3, 120, 10)
    assert storm.at_ns == int(START + 30 * 60) * 10**9
    assert storm.succeeded == pytest.approx(0.1)
    assert storm.usually_succeeded == pytest.approx(0.9)
    found = storm_check([("old", ()), ("new", (storm,))])
    assert found.state == "warning"
    assert "new at 2026-09-21 14:43 UTC, for 3 minutes: 120 attempts a minute instead of 10" in found.finding
    assert "10 % succeeded instead of 90 %" in found.finding


@pytest.mark.parametrize(
    "minutes",
    [
        [(10, 0.9)] * 40,  # nothing happens
        [(10, 0.9)] * 30 + [(120, 0.9)],  # many jobs, and they succeed
        [(10, 0.9)] * 30 + [(40, 0.1)],  # failures, but no pile
        [(1, 1.0)] * 30 + [(FEWEST - 1, 0.0)],  # so few that it is nothing
        [(10, 0.9)] * (SHORTEST - 1) + [(120, 0.1)],  # nobody knows yet what is usual
        [(120, 0.1)] * 40,  # always so
        [],
    ],
)
def test_what_is_no_storm(minutes: list[tuple[int, float]]) -> None:
    assert watched(minutes) == ()


def test_two_storms_are_two() -> None:
    calm, storm = [(10, 0.9)] * 40, [(120, 0.1)]
    found = watched(calm + storm + calm + storm)
    assert [s.minutes for s in found] == [1, 1]
    assert "and 1 time more" in storm_check([("new", found)]).finding


def test_attempts_that_nobody_saw_end_count_as_starts_alone() -> None:
    watch = StormWatch()
    for i in range(400):
        watch.see(history(f"j{i}", attempts=[attempt(START + i * 6.0)]))
    for i in range(100):
        watch.see(history(f"k{i}", attempts=[attempt(START + 2400 + i * 0.1)]))
    assert watch.close() == ()
