"""Which numbered events never arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.shadow.ledger.event import Mark


def missing(arrived: Mapping[str, tuple[int, int]], ended: Iterable[Mark]) -> dict[str, int]:
    """boot id -> events of it that are missing; without those that have all.

    `arrived`: boot id -> the highest number that is here, and how many are. `ended`: the `recorder_ended` marks, without which nobody could
    tell that the last ones are missing.

    >>> missing({"a": (3, 2), "b": (2, 2)}, [Mark(kind="recorder_ended", ts_ns=0, data={"recorder": "b", "numbered": 5})])
    {'a': 1, 'b': 3}
    """
    numbered = {boot: last for boot, (last, _) in arrived.items()}
    for mark in ended:
        boot = str(mark.data["recorder"])
        numbered[boot] = max(numbered.get(boot, 0), int(mark.data["numbered"] or 0))
    here = {boot: count for boot, (_, count) in arrived.items()}
    return {boot: last - here.get(boot, 0) for boot, last in numbered.items() if last > here.get(boot, 0)}
