"""Jobs that are looked for and not there: seldom after a while, and not without end."""

from __future__ import annotations

import itertools

import pytest

from migrator.shadow.absentees import Absentees


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("migrator.shadow.absentees.time.monotonic", lambda: now[0])
    return now


def looks(absent: Absentees, clock: list[float], seconds: float) -> list[float]:
    """When it is looked for, with a look due ten times a second."""
    began, found = clock[0], list[float]()
    while clock[0] < began + seconds:
        if absent.due("a"):
            found.append(clock[0] - began)
            absent.missed("a")
        clock[0] += 0.1
    return found


def test_what_does_not_come_is_looked_for_less_and_less_often(clock: list[float]) -> None:
    absent = Absentees(lambda _: pytest.fail("it was to be kept"))
    times = looks(absent, clock, 3600.0)
    assert len([at for at in times if at < 1.0]) == 10, "at first at every look"
    assert len(times) < 200
    gaps = [later - at for at, later in itertools.pairwise(times)]
    assert max(gaps) == pytest.approx(30, abs=0.2)


def test_what_is_there_is_looked_at_every_time(clock: list[float]) -> None:
    absent = Absentees(lambda _: None)
    looks(absent, clock, 100.0)
    assert not absent.due("a")
    absent.found("a")
    assert absent.due("a")
    assert "a" not in absent


def test_the_oldest_are_given_up_for_new_ones(clock: list[float]) -> None:
    given_up: list[str] = []
    absent = Absentees(given_up.append, limit=2)
    for native in ("a", "b", "a", "c"):
        absent.missed(native)
    assert given_up == ["a"]
    assert [native in absent for native in "abc"] == [False, True, True]
