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
    taken: dict[str, list[Decision]] = defaultdict(list)
    for decision in changes.decisions:
        taken[decision.location.path].append(decision)
    for item in inventory.items:
        if item.system == changes.source and not _covered(item.kind, item.location, taken[item.location.path]):
            yield _left(item.kind, item.name, item.location, _UNDECIDED)
    for loose in inventory.unresolved:
        where = Location(loose.path, loose.line, 0, loose.line, Span(0, 0))
        if loose.system in ("", changes.source) and not _covered("reference", where, taken[loose.path]):
            yield _left("reference", loose.source or loose.path, where, f"{loose.reason.rstrip('.')}. Look at it by hand.")


def _covered(kind: str, where: Location, taken: list[Decision]) -> bool:
    return any(_at(kind, where, decision) or _around(where, decision) for decision in taken)


def _at(kind: str, where: Location, decision: Decision) -> bool:
    """A decision about this very place: on its line, and about its text as far as both name any."""
    mine, its = where.span, decision.location.span
    if decision.location.line != where.line:
        return False
    if mine == its or mine.start == mine.end or its.start == its.end:
        return True
    return kind == decision.kind and mine.start < its.end and its.start < mine.end


def _around(where: Location, decision: Decision) -> bool:
    """A decision about a whole that this is a part of. A job is not such a whole: what its body enqueues is another matter."""
    mine, its = where.span, decision.location.span
    return decision.kind != "definition" and mine.start < mine.end and its.start <= mine.start and mine.end <= its.end


def _left(kind: str, name: str, where: Location, summary: str) -> Decision:
    return Decision(kind=kind, name=name, location=where, safety="manual", outcome="left", summary=summary, group=where.path)
