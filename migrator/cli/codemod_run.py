"""What `migrate codemod` does, in order: recover, check, read, decide, write, commit, report."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from migrator.cli.planned import move_of
from migrator.cli.progress import progress
from migrator.codemods import load
from migrator.codemods.accounting import complete
from migrator.codemods.apply import apply, recover
from migrator.codemods.changes import ChangeSet
from migrator.codemods.commits import By, plan_commits
from migrator.codemods.diff import unified_diff
from migrator.codemods.files import FileChange, file_changes
from migrator.codemods.git import require_clean, top
from migrator.codemods.interruption import Interrupted, deferred
from migrator.codemods.recording import Recorded, publish, record
from migrator.codemods.syntax_check import check_syntax
from migrator.errors import Exit, MigratorError
from migrator.reporting.changes import ChangesReport, report
from migrator.reporting.changes_console import PLAIN_WIDTH, print_report
from migrator.reporting.changes_diff import for_output
from migrator.reporting.changes_formats import render
from migrator.reporting.output import deliver, write_whole
from migrator.scanners import scan


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The command's arguments, checked for form only."""

    path: Path
    source: str
    target: str
    plan: Path | None
    write: bool
    unsafe: bool
    allow_dirty: bool
    commit_by: By | None
    patch: Path | None
    form: str
    diff: bool


class _State(msgspec.Struct):
    """What has come to pass so far."""

    written: bool = False


def run(request: Request) -> Exit:
    """Do it, and say what was done; the exit status tells whether something is left."""
    sized = sys.stderr.isatty() or "COLUMNS" in os.environ
    console = Console(stderr=True, width=None if sized else PLAIN_WIDTH, highlight=False)
    state = _State()
    try:
        return _run(request, console, state)
    except KeyboardInterrupt as error:
        ended = error if isinstance(error, Interrupted) else Interrupted(written=state.written)
        console.print(Text(f"Interrupted. {ended}"))
        return Exit.INTERRUPTED


def _run(request: Request, console: Console, state: _State) -> Exit:
    _check_request(request)
    move = move_of(request.plan, request.source, request.target)
    rewrite = load(move.source, move.target)
    _recover(request.path, console)
    if request.write:
        _check_tree(request)

    began = time.time_ns()
    with progress() as tell:
        inventory = scan(request.path, progress=tell)
    move.check(inventory)
    changes = complete(rewrite(inventory, request.path, unsafe=request.unsafe), inventory)
    files = file_changes(changes, request.path, read_since=began)
    check_syntax(files)

    if request.patch is not None:
        _write_patch(request, files)
    recorded = _write(request, changes, files, state) if request.write else None
    found = report(
        changes,
        files,
        str(request.path),
        written=request.write,
        unsafe=request.unsafe,
        diff=request.diff and request.form != "text",
    )
    _output(request, found, files)
    print_report(found, console, next_steps=_next_steps(request, found, recorded))
    return Exit.NO if found.totals.open else Exit.YES


def _check_request(request: Request) -> None:
    if not request.path.is_dir():
        cause = "is not a folder" if request.path.exists() else "does not exist"
        raise MigratorError(cause, place=str(request.path), remedy="Give the folder that holds the application's code.")
    if request.commit_by and not request.write:
        raise MigratorError("there is nothing to commit without --write", place="--commit-by", remedy="Add --write.")
    if request.commit_by and request.allow_dirty:
        raise MigratorError(
            "would commit your own changes together with the rewrite",
            place="--commit-by with --allow-dirty",
            remedy="Commit or stash them first.",
        )


def _recover(path: Path, console: Console) -> None:
    """Put right what a killed run left behind, before anything is read."""
    recovery = recover(path)
    if recovery is None:
        return
    number = len(recovery.files)
    if recovery.finished:
        said = f"An earlier --write was cut short after its last file; all {number} were in place and stay so."
    elif number:
        said = f"An earlier --write was cut short. It has been undone: {', '.join(recovery.files)}."
    else:
        said = "An earlier --write was cut short before it changed a file. What it left lying about is gone."
    console.print(Text(said, style="yellow"))


def _check_tree(request: Request) -> None:
    if request.commit_by and top(request.path) is None:
        raise MigratorError("is not under git, so there is nothing to commit to", place=str(request.path), remedy="Leave out --commit-by.")
    if not request.allow_dirty:
        remedy = "Commit or stash them, so that the rewrite can be reviewed and undone by itself"
        require_clean(request.path, remedy=f"{remedy}." if request.commit_by else f"{remedy}; or give --allow-dirty.")


def _write(request: Request, changes: ChangeSet, files: tuple[FileChange, ...], state: _State) -> Recorded | None:
    commits = plan_commits(changes, files, request.path, request.commit_by) if request.commit_by else ()
    recorded = record(request.path, commits) if commits else None
    apply(request.path, files)
    state.written = True
    if recorded:
        with deferred():
            publish(recorded)
    return recorded


def _write_patch(request: Request, files: tuple[FileChange, ...]) -> None:
    place = request.patch or Path()
    if place.resolve() in {(request.path / file.path).resolve() for file in files}:
        raise MigratorError("is one of the files to be rewritten", place=str(place), remedy="Give the patch another name.")
    write_whole(unified_diff(files), place)


def _output(request: Request, found: ChangesReport, files: tuple[FileChange, ...]) -> None:
    """Standard output, and nothing else, may go to a reader that closes early; the report on standard error still comes."""
    try:
        if request.form != "text":
            deliver(render(found, request.form), None)
        elif request.diff:
            sys.stdout.flush()
            sys.stdout.buffer.write(for_output(unified_diff(files), Console()))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _next_steps(request: Request, found: ChangesReport, recorded: Recorded | None) -> str:
    said: list[str] = []
    if recorded is not None:
        said.append(f"Committed, up to {recorded.new[:10]}.")
        if recorded.skipped:
            said.append(f"Not committed, because git ignores them: {', '.join(recorded.skipped)}.")
    elif found.files and not request.write:
        said.append("Nothing was written. Run again with --write to apply.")
    held = found.totals.by_safety["unsafe"].left
    if held and not request.unsafe:
        said.append(f"--unsafe would rewrite {held} more.")
    return " ".join(said)
