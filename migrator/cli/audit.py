"""`migrate audit`: what jobs there are, where, and how they are configured."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the inventory is written."""

    text = "text"
    json = "json"
    markdown = "markdown"


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    form: Annotated[
        Format, typer.Option("--format", "-f", metavar="FORM", help="text, json (for tools) or markdown (for people).")
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    prefilter: Annotated[
        bool, typer.Option("--prefilter/--no-prefilter", metavar="", help="Skip files that mention no job system.")
    ] = True,
) -> None:
    """List every job definition, enqueue, schedule, worker, client, endpoint, dependency and setting.

    The code is read, never run. What cannot be tied down is listed under "not tied down".

    Exit status: 0 the code was read, 2 it could not be (the message says why).

    Examples:

      migrate audit

      migrate audit services/billing --format json > audit.json

      migrate audit . --format markdown --output docs/jobs.md
    """
    from migrator.cli.progress import progress
    from migrator.reporting.audit import render
    from migrator.reporting.output import deliver
    from migrator.scanners import scan

    with progress() as report:
        inventory = scan(path, progress=report, prefilter=prefilter)
    deliver(render(inventory, form.value), output)
