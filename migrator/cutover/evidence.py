"""What gates look at: the lock, the application as it is now, what people vouch for, and reports of experiments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from migrator.cutover.attestations import Attestations
from migrator.cutover.becoming import Fate, fates
from migrator.cutover.lock import Lock
from migrator.jobs import Inventory, Item
from migrator.jobs.findings import Finding
from migrator.planning.application import Application
from migrator.scanners.files import Tree
from migrator.systems import SYSTEMS, System


class Evidence:
    """One migration at one moment. `experiments`: reports of `migrate shadow report`, by the file that they came from."""

    def __init__(self, application: Application, lock: Lock, attestations: Attestations, experiments: Mapping[str, dict[str, Any]]) -> None:
        self.application, self.lock = application, lock
        self.attestations, self.experiments = attestations, experiments

    @property
    def source(self) -> System:
        """The system that is left."""
        return SYSTEMS[self.lock.source]

    @property
    def target(self) -> System:
        """The system that takes over."""
        return SYSTEMS[self.lock.target]

    @cached_property
    def fates(self) -> tuple[Fate, ...]:
        """What became of each job of the lock, in its order."""
        return fates(self.lock, self.inventory, self.attestations)

    @property
    def inventory(self) -> Inventory:
        """What the application has now."""
        return self.application.inventory

    @property
    def root(self) -> Path:
        """The folder of the application."""
        return self.application.evidence.root

    @property
    def tree(self) -> Tree:
        """The files of the application."""
        return self.application.evidence.tree

    def left(self) -> tuple[Item, ...]:
        """Everything of the source system that is still there, tests among it."""
        return tuple(i for i in self.inventory.items if i.system == self.lock.source)

    def findings(self, rules: Iterable[str]) -> tuple[Finding, ...]:
        """Findings of these rules."""
        wanted = set(rules)
        return tuple(f for f in self.inventory.findings if f.id in wanted)
