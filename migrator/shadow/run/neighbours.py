"""Arms that are one system in one store, such as a current system that runs twice: what one of them reads there may be the other's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from migrator.shadow.config.reading import Loaded
from migrator.shadow.run.chronicle import Chronicle


def neighbours(loaded: Loaded) -> dict[str, tuple[str, ...]]:
    """Arm -> all arms of its system in its store, itself among them, as the file has them; of arms that are alone there nothing.

    In other modes than `split` a job is in several arms, and two of them in one store are refused or have queues of their own.
    """
    experiment = loaded.experiment
    if experiment.experiment.mode != "split":
        return {}
    stores: dict[tuple[str, str], list[str]] = {}
    for name, arm in experiment.arms.items():
        stores.setdefault((arm.system, os.environ.get(arm.connection, arm.connection)), []).append(name)
    return {name: tuple(arms) for arms in stores.values() if len(arms) > 1 for name in arms}


def introduce(loaded: Loaded, chronicles: Iterable[Chronicle]) -> None:
    """Tell each of the arms that are one system in one store of the others."""
    by_arm: Mapping[str, Chronicle] = {chronicle.board.arm: chronicle for chronicle in chronicles}
    for name, arms in neighbours(loaded).items():
        by_arm[name].beside = tuple(by_arm[other].board for other in arms if other != name)
        by_arm[name].takes_strangers = name == arms[0]
