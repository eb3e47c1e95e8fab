"""`migrate codemod --from inngest --to bullmq` for TypeScript and JavaScript."""

from __future__ import annotations

from pathlib import Path

from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.codemods.typescript.comments import todo
from migrator.codemods.typescript.inngest_to_bullmq.deciding import survey
from migrator.codemods.typescript.inngest_to_bullmq.decisions import Decisions
from migrator.codemods.typescript.inngest_to_bullmq.mentions import mentions
from migrator.codemods.typescript.inngest_to_bullmq.moving import Moving
from migrator.codemods.typescript.inngest_to_bullmq.surroundings import Surroundings, notes
from migrator.codemods.typescript.project import Project
from migrator.jobs import Inventory


def rewrite(inventory: Inventory, root: Path, *, unsafe: bool) -> ChangeSet:
    """Everything that can move moves; the rest is left as it is, and goes on working."""
    project = Project(root)
    found = survey(inventory, project, unsafe=unsafe)
    moving = Moving(found)
    around = Surroundings(moving)
    if found.moved or (found.whole and found.clients):
        moving.make()
        around.make()
    decisions = Decisions(moving).all()
    edits = [*moving.edits, *around.edits, *_todos(project, decisions)]
    if found.whole and found.clients:
        kept = [c.item.symbol for c in found.clients if moving.name_of(c) == c.item.symbol]
        decisions += mentions(project, edits, moving.removed, decisions, kept)
    return ChangeSet(
        source="inngest",
        target="bullmq",
        edits=tuple(edits),
        new_files={**moving.new_files, **around.new_files},
        removed_files=tuple(moving.removed),
        decisions=tuple(decisions),
        notes=notes(moving, around),
    )


def _todos(project: Project, decisions: list[Decision]) -> list[Edit]:
    """A comment above everything in code that is left to a person."""
    edits: list[Edit] = []
    for decision in decisions:
        if decision.safety != "manual" or decision.location.path not in project.code or decision.kind == "reference":
            continue
        trap = decision.traps[0] if decision.traps else "MIG462"
        edit = todo(project.source(decision.location.path), decision.location, trap, decision.summary, decision.group)
        if edit is not None:
            edits.append(edit)
    return edits
