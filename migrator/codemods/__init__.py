"""From an inventory to a change: writers of target systems, and what turns their change sets into trusted edits.

A writer is a function `rewrite(inventory, root, *, unsafe) -> ChangeSet`. It reads files but changes none, and gives every
item of the source system a decision.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from migrator.codemods.changes import ChangeSet
from migrator.errors import MigratorError
from migrator.jobs import Inventory

#: (source system, target system) -> "module:function"; resolved on use, so that listing the pairs imports no writer
WRITERS: dict[tuple[str, str], str] = {
    ("celery", "dramatiq"): "migrator.codemods.python.celery_to_dramatiq.writer:rewrite",
    ("inngest", "bullmq"): "migrator.codemods.typescript.inngest_to_bullmq.writer:rewrite",
}


class Writer(Protocol):
    """What `WRITERS` points to."""

    def __call__(self, inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet: ...


def load(source: str, target: str) -> Writer:
    """The writer that moves code from `source` to `target`; an unknown pair is an error that lists those that exist."""
    address = WRITERS.get((source, target))
    if address is None:
        pairs = ", ".join(f"{a} to {b}" for a, b in sorted(WRITERS)) or "none yet"
        raise MigratorError(f"there is no rewrite from {source!r} to {target!r}", remedy=f"Possible pairs: {pairs}.")
    module, _, function = address.partition(":")
    return cast(Writer, getattr(import_module(module), function))
