"""Nothing is dropped: whatever the scan found of the source system and a writer said nothing about is left to a person, by name.

Items and unresolved places need a decision. So do other uses of the system's API, unless an edit replaces them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from migrator.codemods.changes import ChangeSet, Decision
from migrator.jobs import Inventory, Location, Span
from migrator.systems import SYSTEMS

_UNDECIDED = "The rewrite has no rule for this form; change it by hand."
_UNKNOWN_USE = "The rewrite does not know this use of {target}; change it by hand."


def complete(changes: ChangeSet, inventory: Inventory) -> ChangeSet:
    """`changes` with a manual decision for each place of the source system that nothing was decided about."""
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
    yield from _unknown_uses(changes, inventory, taken)


def _unknown_uses(changes: ChangeSet, inventory: Inventory, taken: Mapping[str, list[Decision]]) -> Iterator[Decision]:
    """Uses of the source's API that are neither replaced nor explained, one a line."""
    edits = changes.by_file()
    told: set[tuple[str, int]] = set()
    for use in inventory.references:
        where, of_file = use.location, taken.get(use.location.path, [])
        if use.form != "api" or not _of(changes.source, use.system) or (where.path, where.line) in told:
            continue
        replaced = any(e.span.start < where.span.end and where.span.start < e.span.end for e in edits.get(where.path, ()))
        explained = any(d.location.line == where.line or _within(where, d) for d in of_file if d.outcome == "left")
        if not (replaced or explained or _covered("reference", where, [d for d in of_file if d.kind != "definition"])):
            told.add((where.path, where.line))
            yield _left("reference", use.target, where, _UNKNOWN_USE.format(target=use.target))


def _of(source: str, module: str) -> bool:
    """True for a system's packages and what they export under a path of their own (`inngest/express`)."""
    facts = SYSTEMS.get(source)
    packages = (source, *facts.npm, *facts.pypi) if facts else (source,)
    return any(module == package or module.startswith(f"{package}/") for package in packages)


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
    return decision.kind != "definition" and where.span.start < where.span.end and _within(where, decision)


def _within(where: Location, decision: Decision) -> bool:
    mine, its = where.span, decision.location.span
    return its.start <= mine.start and mine.end <= its.end


def _left(kind: str, name: str, where: Location, summary: str) -> Decision:
    return Decision(kind=kind, name=name, location=where, safety="manual", outcome="left", summary=summary, group=where.path)
