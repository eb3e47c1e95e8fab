"""`migrate codemod`: rewrite the code for another job system."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"
    markdown = "markdown"


class CommitBy(StrEnum):
    """How a written change is split into git commits."""

    all = "all"
    job = "job"


def codemod(
    path: Annotated[Path, typer.Argument(help="Folder that holds the application's code.")],
    source: Annotated[str, typer.Option("--from", metavar="SYSTEM", help="The job system that the code uses now.")],
    target: Annotated[str, typer.Option("--to", metavar="SYSTEM", help="The job system to move to.")],
    write: Annotated[bool, typer.Option("--write", help="Change the files: all of them, or none if anything fails.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Also apply rewrites that depend on what code cannot show.")] = False,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Write though there are changes that git has no commit of.")] = False,
    commit_by: Annotated[
        CommitBy | None, typer.Option("--commit-by", help="After writing, commit: all at once, or one commit per job.")
    ] = None,
    patch: Annotated[Path | None, typer.Option("--patch", metavar="FILE", help="Write the diff to this file, for git apply.")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", "-f", help="Text for a terminal, JSON for tools, Markdown for a pull request.")
    ] = Format.text,
    diff: Annotated[
        bool | None,
        typer.Option(
            "--diff/--no-diff", help="Show the diff. By default it is shown as text, unless it goes to the disk.", show_default=False
        ),
    ] = None,
) -> None:
    """Rewrite the code that defines, enqueues, schedules and runs jobs for another job system.

    Shows the change as a diff and touches nothing, until --write is given. Every place gets a decision: safe (rewritten), unsafe
    (rewritten with --unsafe) or manual (left, with the reason). The diff, or the JSON or Markdown report, goes to standard output,
    everything else to standard error.

    Exit status: 0 nothing is left to do, 1 places are left, 2 it could not be done.

    Examples:

      migrate codemod . --from celery --to dramatiq

      migrate codemod services/billing --from inngest --to bullmq --write

      migrate codemod . --from celery --to dramatiq --write --commit-by job

      migrate codemod . --from celery --to dramatiq --patch move.patch && git apply move.patch

      migrate codemod . --from celery --to dramatiq --format markdown > pull-request.md
    """
    from migrator.cli.codemod_run import Request, run

    shown = diff if diff is not None else format is Format.text and not write and patch is None
    request = Request(
        path=path,
        source=source,
        target=target,
        write=write,
        unsafe=unsafe,
        allow_dirty=allow_dirty,
        commit_by=commit_by.value if commit_by else None,
        patch=patch,
        form=format.value,
        diff=shown,
    )
    raise typer.Exit(run(request))
