"""What several of BullMQ's readers share."""

from __future__ import annotations

from migrator.jobs import Use
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.told_apart import told_apart
from migrator.systems.bullmq import SYSTEM

NAME = SYSTEM.name


def job_names(view: View, processor: Place | None) -> tuple[Use, ...]:
    """The `job.name`s that one processor tells apart: each is a job of its own to whoever reads the code."""
    found = told_apart(view, processor, 0, ("name",))
    return tuple(Use("job.name", view.source.location(node), detail) for node, detail in found if detail)
