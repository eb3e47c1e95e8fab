"""What has been found so far in a scan."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.jobs import Item, Reference, Unresolved
from migrator.scanners.job_tables import JobTable
from migrator.scanners.launch import Launch


@dataclass
class Found:
    """Grows while files are read; becomes an `Inventory` at the end."""

    items: list[Item] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    tables: list[JobTable] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)  #: command lines that run files of the project

    def markers(self) -> set[bytes]:
        """What code that uses one of the job tables contains: `.job.` for a Prisma model `Job`."""
        return {f".{t.model[:1].lower()}{t.model[1:]}.".encode() for t in self.tables}
