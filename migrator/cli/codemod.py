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
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")],
    source: Annotated[str, typer.Option("--from", metavar="SYSTEM", help="Job system that the code uses now.")] = "",
    target: Annotated[str, typer.Option("--to", metavar="SYSTEM", help="Job system to move to.")] = "",
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="What migrate plan --output FILE.json wrote, in place of --from and --to.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", metavar="", help="Change the files: all, or none if anything fails.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", metavar="", help="Include rewrites that depend on what code cannot show.")] = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", metavar="", help="Write although the tree has uncommitted changes.")
    ] = False,
    commit_by: Annotated[
        CommitBy | None, typer.Option("--commit-by", metavar="all|job", help="Commit what was written, at once or job by job.")
    ] = None,
    patch: Annotated[Path | None, typer.Option("--patch", metavar="FILE", help="Write the diff to a file, for git apply.")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", "-f", metavar="FORM", help="text, json (for tools) or markdown (for a pull request).")
    ] = Format.text,
    diff: Annotated[
        bool | None,
        typer.Option(
            "--diff/--no-diff", metavar="", help="Show the diff. Default: yes, unless it goes to files or a report.", show_default=False
        ),
    ] = None,
) -> None:
    """Rewrite the code that defines, enqueues, schedules and runs jobs.

    Shows the change as a diff and touches nothing until --write is given.
    Every place gets a decision: safe (rewritten), unsafe (rewritten with
    --unsafe) or manual (left, with the reason). The diff, or the JSON or
    Markdown report, goes to standard output, the rest to standard error.

    Exit status: 0 nothing is left to do, 1 places are left for you, 2 it
    could not be done (the message says why).

    Examples:

      migrate codemod . --from celery --to dramatiq

      migrate codemod billing --from inngest --to bullmq --write

      migrate codemod . --from celery --to dramatiq --write --commit-by job

      migrate codemod . --plan plan.json --write

      migrate codemod . --from celery --to dramatiq --patch move.patch

      migrate codemod . --from celery --to dramatiq -f markdown > request.md
    """
    from migrator.cli.codemod_run import Request, run

    shown = diff if diff is not None else format is Format.text and not write and patch is None
    request = Request(
        path=path,
        source=source,
        target=target,
        plan=plan,
        write=write,
        unsafe=unsafe,
        allow_dirty=allow_dirty,
        commit_by=commit_by.value if commit_by else None,
        patch=patch,
        form=format.value,
        diff=shown,
    )
    raise typer.Exit(run(request))
