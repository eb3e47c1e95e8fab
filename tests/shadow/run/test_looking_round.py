"""What a run says of its arms: every outage once, and its end."""

from __future__ import annotations

from typing import Any, cast

from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.looking_round import LookingRound, Watched


class Crew:
    """Workers, of which some have just died."""

    def __init__(self) -> None:
        self.died: list[str] = []

    def notice(self) -> list[str]:
        told, self.died = self.died, []
        return told


class Arm:
    """An arm with a store and workers that a test has in its hand."""

    def __init__(self, name: str) -> None:
        self.name, self.staff, self.board = name, cast("Any", Crew()), ArmBoard(name, answer_within=5.0)


def test_outages_and_dead_workers_are_told_once() -> None:
    said: list[str] = []
    looking, old, new = LookingRound(said.append), Arm("old"), Arm("new")
    arms: list[Watched] = [old, new]
    looking.look(arms)
    assert said == []
    new.board.down_since = 1.0
    old.staff.died.append("was ended by signal 9 after 3.0 s, having said nothing")
    for _ in range(2):
        looking.look(arms)
    assert said == [
        "arm old: a worker was ended by signal 9 after 3.0 s, having said nothing",
        "arm new: its store does not answer; the other arms go on",
    ]
    new.board.down_since = None
    looking.look(arms)
    looking.look(arms)
    assert said[2:] == ["arm new: its store is back"]
