"""`migrate plan`: what a move to another job system takes, job by job and in which order."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the plan is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"


def plan(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]", help="Folder that holds the application's code. After --compare: the other systems first."),
    ] = None,
    target: Annotated[str, typer.Option("--to", metavar="SYSTEM", help="Job system to move to.")] = "",
    compare: Annotated[
        list[str] | None, typer.Option("--compare", metavar="SYSTEM", help="One row for each of these systems: --compare A B C.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--from", metavar="SYSTEM", help="Plan only for jobs of this system. Default: of every other one.")
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", metavar="SIZE=N", help="A size that the code does not tell: chunks=200, result_kb=40, JOB:chunks=5."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Do not read these files at all.")] = None,
    form: Annotated[
        Format, typer.Option("--format", "-f", metavar="FORM", help="text, markdown or html (for people), json (for codemods and gates).")
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file; .json, .md and .html say the form.")
    ] = None,
) -> None:
    """Say what becomes of each job on another system, how hard and how risky that is, and in which order to move.

    The code is read, never run. Hours are ranges by band and priors: nobody has
    measured them on your code. What is not known is said, and counts in the
    middle.

    Exit status: 0 every job can move, 1 some are blocked, 2 no plan could be made (the message says why).

    Examples:

      migrate plan --to bullmq

      migrate plan --to inngest services/evaluator --assume chunks=200 --assume plugins=4

      migrate plan --compare bullmq pg-boss inngest .

      migrate plan --to dramatiq --from celery --output plan.json

      migrate plan --to pg-boss --output plan.html
    """
    from migrator.cli.plan_run import Asked, run

    asked = Asked(tuple(paths or ()), target, tuple(compare or ()), tuple(source or ()), tuple(assume or ()), exclude, form.value, output)
    raise typer.Exit(run(asked))
