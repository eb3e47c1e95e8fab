"""Which numbered events never arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.shadow.ledger.event import Mark


def taken_before(marks: Iterable[Mark]) -> dict[str, int]:
    """boot id -> the number up to which its events are another ledger's, by the `taken_before` marks."""
    return {boot: int(number or 0) for mark in marks for boot, number in mark.data.items()}


def missing(arrived: Mapping[str, tuple[int, int]], ended: Iterable[Mark], before: Mapping[str, int]) -> dict[str, int]:
    """boot id -> events of it that are missing; without those that have all.

    `arrived`: boot id -> the highest number that is here, and how many are. `ended`: the `recorder_ended` marks, without which nobody could
    tell that the last ones are missing. `before`: boot id -> how many were another ledger's; none of these is among the arrived.

    >>> missing({"a": (3, 2), "b": (2, 2)}, [Mark(kind="recorder_ended", ts_ns=0, data={"recorder": "b", "numbered": 5})], {})
    {'a': 1, 'b': 3}
    >>> missing({"a": (103, 2)}, [], {"a": 100})
    {'a': 1}
    """
    numbered = {boot: last for boot, (last, _) in arrived.items()}
    for mark in ended:
        boot = str(mark.data["recorder"])
        numbered[boot] = max(numbered.get(boot, 0), int(mark.data["numbered"] or 0))
    here = {boot: count for boot, (_, count) in arrived.items()}
    absent = {boot: last - before.get(boot, 0) - here.get(boot, 0) for boot, last in numbered.items()}
    return {boot: number for boot, number in absent.items() if number > 0}
