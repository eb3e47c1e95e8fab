"""`migrate report`: one document on the jobs, for a team."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the report is written."""

    html = "html"
    markdown = "markdown"


def report(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", "-f", metavar="FORM", help="html or markdown. Default: as FILE ends, else markdown.")
    ] = None,
    target: Annotated[
        str, typer.Option("--to", metavar="SYSTEM", help="A system that you think of moving to: what the move would mend is not counted.")
    ] = "",
    live: Annotated[
        list[str] | None,
        typer.Option("--live", metavar="URL", help="Also look at this running Redis or Postgres for what is wrong there. Repeatable."),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", metavar="", help="Also look with preview rules.")] = False,
) -> None:
    """Write one document on the jobs: how they are, what is wrong, in which order to mend it.

    It is made from an audit, and is the same for the same code. Where a
    migration was begun (migrate freeze), it says how far it is.

    Exit status: 0 it is written, 2 it could not be (the message says why).

    Examples:

      migrate report --output jobs.html

      migrate report --live redis://localhost:6379/0 --output jobs.html

      migrate report services/mail --to pg-boss --output jobs.md
    """
    from migrator.cli.report_run import report_now
    from migrator.reporting.output import deliver

    html = form is Format.html or (form is None and output is not None and output.suffix.lower() in (".html", ".htm"))
    deliver(report_now(path, target, "html" if html else "markdown", live=live or [], preview=preview), output)
