"""Places of which reading does not tell what they start, so that nobody takes them for clean."""

from __future__ import annotations

from collections import defaultdict

from migrator.jobs import Enqueue, Inventory, Schedule
from migrator.jobs.findings import Spot
from migrator.rules.evidence import spot
from migrator.scanners.files import area_of


def is_tied(item: Enqueue | Schedule) -> bool:
    """True if it is known which job is meant: by its name, or by its code. A queue alone says nothing of what is put into it."""
    return bool(item.name or (item.job_name if isinstance(item, Schedule) else item.job))


def blind_spots(inventory: Inventory) -> dict[str, tuple[Spot, ...]]:
    """System -> the places of production code that could not be tied down, each once, and why; `""` where the system is unknown."""
    blind: defaultdict[str, dict[tuple[str, int], Spot]] = defaultdict(dict)
    for end in inventory.unresolved:
        if not area_of(end.path):
            blind[end.system].setdefault((end.path, end.line), Spot(end.path, end.line, end.reason))
    for kind in (Enqueue, Schedule):
        for item in inventory.production:
            if isinstance(item, kind) and not is_tied(item):
                what = "a schedule" if isinstance(item, Schedule) else "an enqueue"
                where = (item.location.path, item.location.line)
                blind[item.system].setdefault(where, spot(item, f"{what} of a job whose name is only known at run time"))
    return {system: tuple(places.values()) for system, places in blind.items()}
