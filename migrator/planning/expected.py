"""What a rewrite would do with each job, asked of the rewrite itself: it reads the code and decides, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal as OneOf

import msgspec

from migrator.codemods import WRITERS, load
from migrator.codemods.changes import Decision
from migrator.jobs import Inventory, Job, Location

#: safe, unsafe: rewritten, without or with `--unsafe`; manual: left to a person; idle: left because nothing runs it
Outcome = OneOf["safe", "unsafe", "manual", "idle"]


class Expected(msgspec.Struct, frozen=True):
    """What `migrate codemod` says of one job."""

    outcome: Outcome
    summary: str
    traps: tuple[str, ...] = ()


class Dry(msgspec.Struct, frozen=True):
    """A rewrite that was not written: by the place of each job; and what it says to do around the deployment."""

    decisions: dict[Location, Expected]
    notes: tuple[str, ...]

    def of(self, job: Job) -> Expected | None:
        """What becomes of a job; None where the rewrite says nothing about it."""
        return self.decisions.get(job.location)


def exists(source: str, target: str) -> bool:
    """True if there is a rewrite for the pair."""
    return (source, target) in WRITERS


def expected(inventory: Inventory, root: Path, source: str, target: str) -> Dry | None:
    """What the rewrite of a pair would do; None where there is none.

    Raises:
        MigratorError: the rewrite cannot be made.
    """
    if not exists(source, target):
        return None
    changes = load(source, target)(inventory, root, unsafe=True)
    return Dry({d.location: _said(d) for d in changes.decisions if d.kind == "definition"}, changes.notes)


def _said(decision: Decision) -> Expected:
    outcome: Outcome = decision.safety
    if decision.outcome == "left":
        outcome = "idle" if decision.safety == "safe" else "manual"
    return Expected(outcome, decision.summary, decision.traps)
