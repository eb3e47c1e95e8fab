"""A job system made up for tests: `legacy(x)` enqueues, and the target's word for it is `modern(x)`. Easy to break."""

from __future__ import annotations

import re
from pathlib import Path

from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.jobs import Enqueue, Inventory, Item, Location, Span

SUFFIXES = {".py": "python", ".ts": "typescript"}


def scan(root: Path) -> Inventory:
    """Every `legacy(` in a source file is an enqueue of the system `legacy`."""
    items: list[Item] = []
    for path in sorted(root.rglob("*")):
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        data, name = path.read_bytes(), path.relative_to(root).as_posix()
        for match in re.finditer(rb"\blegacy\((\w*)", data):
            line = data.count(b"\n", 0, match.start()) + 1
            where = Location(name, line, 0, line, Span(match.start(), match.start() + len(b"legacy")))
            items.append(Enqueue(system="legacy", language=SUFFIXES[path.suffix], name=match[1].decode(), location=where))
    return Inventory(root=str(root), items=tuple(items))


def rewrite(inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet:
    """`legacy` becomes `modern`; a name with `odd` in it is unsafe, one with `hard` in it is left."""
    edits: list[Edit] = []
    decisions: list[Decision] = []
    for item in inventory.items:
        where = item.location
        safety = "manual" if "hard" in item.name else "unsafe" if "odd" in item.name else "safe"
        done = safety == "safe" or (safety == "unsafe" and unsafe)
        summary = "Renamed to modern()." if done else "Call modern() by hand: its argument has no counterpart."
        if done:
            edits.append(Edit(where.path, where.span, "modern", group=item.name))
        decisions.append(
            Decision(
                kind=item.kind,
                name=item.name,
                location=where,
                safety=safety,
                outcome="rewritten" if done else "left",
                summary=summary,
                traps=("MIG001",) if safety == "manual" else (),
                group=item.name,
            )
        )
    return ChangeSet(source="legacy", target="modern", edits=tuple(edits), decisions=tuple(decisions))
