"""What has been found so far in a scan."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.jobs import Item, Reference, Unresolved


@dataclass
class Found:
    """Grows while files are read; becomes an `Inventory` at the end."""

    items: list[Item] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
