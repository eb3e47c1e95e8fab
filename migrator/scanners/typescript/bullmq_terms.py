"""What several of BullMQ's readers share."""

from __future__ import annotations

from migrator.jobs import Unresolved, Use
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.told_apart import told_apart
from migrator.systems.bullmq import SYSTEM

NAME = SYSTEM.name


def job_names(view: View, processor: Place | None) -> tuple[Use, ...]:
    """The `job.name`s that one processor tells apart: each is a job of its own to whoever reads the code."""
    found = list(told_apart(view, processor, 0, ("name",)))
    for place in [place for place, name in found if not name][:1]:
        line = place.node.start_point.row + 1
        view.add(Unresolved(place.source.path, line, "this table has names of jobs that only the run knows", NAME, place.text))
    return tuple(Use("job.name", place.source.location(place.node), name) for place, name in found if name)
