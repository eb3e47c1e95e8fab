"""Nothing is dropped: whatever the scan found of the source system and a writer said nothing about is left to a person, by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from migrator.codemods.changes import ChangeSet, Decision
from migrator.jobs import Inventory, Location, Span

_UNDECIDED = "The rewrite has no rule for this form; change it by hand."


def complete(changes: ChangeSet, inventory: Inventory) -> ChangeSet:
    """`changes` with a manual decision for each item and each unresolved place of the source system that has none yet."""
    missing = tuple(undecided(changes, inventory))
    if not missing:
        return changes
    return msgspec.structs.replace(changes, decisions=(*changes.decisions, *missing))


def undecided(changes: ChangeSet, inventory: Inventory) -> Iterator[Decision]:
    """The decisions that `complete` adds."""
    taken: dict[str, list[Location]] = defaultdict(list)
    for decision in changes.decisions:
        taken[decision.location.path].append(decision.location)
    for item in inventory.items:
        if item.system == changes.source and not _covered(item.location, taken[item.location.path]):
            yield _left(item.kind, item.name, item.location, _UNDECIDED)
    for loose in inventory.unresolved:
        where = Location(loose.path, loose.line, 0, loose.line, Span(0, 0))
        if loose.system in ("", changes.source) and not _covered(where, taken[loose.path]):
            yield _left("reference", loose.source or loose.path, where, f"{loose.reason.rstrip('.')}. Look at it by hand.")


def _covered(where: Location, taken: list[Location]) -> bool:
    """A decision covers a place when it is about the very line, or about text that holds all of it."""
    return any(
        t.line == where.line or (where.span.start < where.span.end and t.span.start <= where.span.start and where.span.end <= t.span.end)
        for t in taken
    )


def _left(kind: str, name: str, where: Location, summary: str) -> Decision:
    return Decision(kind=kind, name=name, location=where, safety="manual", outcome="left", summary=summary, group=where.path)
