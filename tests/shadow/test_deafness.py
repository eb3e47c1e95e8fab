"""What nobody heard is told once."""

from __future__ import annotations

from migrator.shadow.deafness import Deafness


def test_a_gap_is_told_once_from_its_beginning_on() -> None:
    deaf = Deafness()
    assert deaf.over("events") == ""
    deaf.begin("2026-11-22T10:00:00.000+00:00")
    deaf.begin("2026-11-22T10:05:00.000+00:00")
    assert deaf.over("events") == "nobody listened to events between 2026-11-22T10:00:00.000+00:00 and now"
    assert deaf.over("events") == ""
    deaf.begin("")
    assert deaf.over("events").startswith("nobody listened to events between 20")
