"""What a rewrite did and left, as a value with a public JSON form, and as Markdown; `changes_console` has it for a terminal."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.codemods.changes import ChangeSet, Decision, Outcome, Safety
from migrator.codemods.diff import diff_size, unified_diff
from migrator.codemods.files import FileChange, Status
from migrator.jobs.redaction import redact_text
from migrator.systems.trap import Handling
from migrator.systems.traps import all_traps

SCHEMA = "migrator.changes/1"
SAFETIES: tuple[Safety, ...] = ("safe", "unsafe", "manual")


class Tally(msgspec.Struct, frozen=True):
    """Number of decisions."""

    rewritten: int
    left: int


class Totals(msgspec.Struct, frozen=True):
    """Every decision is either rewritten or left, and has one safety, so that each way of adding up gives `decisions`.

    `open`: left and not done with, for a person or for a run with `--unsafe`.
    """

    decisions: int
    rewritten: int
    left: int
    open: int
    by_safety: dict[str, Tally]


class Choice(msgspec.Struct, frozen=True):
    """One decision; `path` is relative to the root, `line` 1-based, `column` 0-based."""

    kind: str
    name: str
    path: str
    line: int
    column: int
    end_line: int
    safety: Safety
    outcome: Outcome
    summary: str
    traps: tuple[str, ...]
    group: str


class File(msgspec.Struct, frozen=True):
    """One file that changes, with the number of lines that it gains and loses."""

    path: str
    status: Status
    added: int
    removed: int


class NamedTrap(msgspec.Struct, frozen=True):
    """A trap that a decision names. `handling`: who deals with it."""

    title: str
    handling: Handling
    explanation: str


class ChangesReport(msgspec.Struct, frozen=True, kw_only=True):
    """The public contract of `migrate codemod --format json`; its schema is `docs/changes.schema.json`.

    `written` is false where nothing on disk was changed; `unsafe` tells whether rewrites that depend on what code cannot show are
    included; `notes` say what to do around the deployment, in order; `diff` is there where it was asked for.
    """

    schema: OneOf["migrator.changes/1"] = SCHEMA
    root: str
    source: str
    target: str
    written: bool
    unsafe: bool
    totals: Totals
    decisions: tuple[Choice, ...]
    files: tuple[File, ...]
    notes: tuple[str, ...]
    traps: dict[str, NamedTrap]
    diff: str | None = None


def report(
    changes: ChangeSet, files: tuple[FileChange, ...], root: str, *, written: bool = False, unsafe: bool = False, diff: bool = False
) -> ChangesReport:
    """The report on a change set and the files that it alters."""
    return ChangesReport(
        root=root,
        source=changes.source,
        target=changes.target,
        written=written,
        unsafe=unsafe,
        totals=_totals(changes.decisions),
        decisions=tuple(_choice(decision) for decision in changes.decisions),
        files=tuple(_file(file) for file in files),
        notes=tuple(redact_text(note) for note in changes.notes),
        traps=_traps(changes.decisions),
        diff=unified_diff(files).decode("utf-8", "replace") if diff else None,
    )


def _totals(decisions: tuple[Decision, ...]) -> Totals:
    def number(safety: Safety, outcome: Outcome) -> int:
        return sum(d.safety == safety and d.outcome == outcome for d in decisions)

    by_safety = {safety: Tally(number(safety, "rewritten"), number(safety, "left")) for safety in SAFETIES}
    return Totals(
        decisions=len(decisions),
        rewritten=sum(t.rewritten for t in by_safety.values()),
        left=sum(t.left for t in by_safety.values()),
        open=sum(d.open for d in decisions),
        by_safety=by_safety,
    )


def _choice(decision: Decision) -> Choice:
    where = decision.location
    return Choice(
        kind=decision.kind,
        name=redact_text(decision.name),
        path=where.path,
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        safety=decision.safety,
        outcome=decision.outcome,
        summary=redact_text(decision.summary),
        traps=decision.traps,
        group=redact_text(decision.group),
    )


def _file(file: FileChange) -> File:
    size = diff_size(file)
    return File(file.path, file.status, size.added, size.removed)


def _traps(decisions: tuple[Decision, ...]) -> dict[str, NamedTrap]:
    named = {trap for decision in decisions for trap in decision.traps}
    return {i: NamedTrap(t.title, t.handling, t.explanation) for i, t in all_traps().items() if i in named}
