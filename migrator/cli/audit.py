"""`migrate audit`: what jobs there are, where, and how they are configured."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrator.errors import Exit


class Severity(StrEnum):
    """From which defect on the command says no."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"
    never = "never"

    def reached_by(self, severity: str) -> bool:
        """True for a severity that is as bad, or worse."""
        levels = list(Severity)
        return self is not Severity.never and levels.index(Severity(severity)) <= levels.index(self)


class Format(StrEnum):
    """How the inventory is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"
    csv = "csv"


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    form: Annotated[
        Format,
        typer.Option("--format", "-f", metavar="FORM", help="text, markdown or html (for people), json or csv (for tools)."),
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="GLOB", help="Show only what stands in these files. The others are still read, for links."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Do not read these files at all.")] = None,
    system: Annotated[list[str] | None, typer.Option("--system", metavar="NAME", help="Show only this job system.")] = None,
    since: Annotated[str, typer.Option("--since", metavar="REV", help="Show only files that changed since this git revision.")] = "",
    candidates: Annotated[
        bool, typer.Option("--candidates", metavar="", help="Also look for request handlers that do what a job could do.")
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="RULE", help="Look for these defects alone: an id, its beginning, a name, ALL.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE", help="Do not look for these defects.")] = None,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", metavar="LEVEL", help="End with 1 for a defect of this level: critical … info; never.")
    ] = Severity.never,
    runtime: Annotated[
        list[str] | None,
        typer.Option("--runtime", metavar="URL", help="Also ask this running Postgres, Redis or Inngest endpoint. Nothing is written."),
    ] = None,
    prefilter: Annotated[
        bool, typer.Option("--prefilter/--no-prefilter", metavar="", help="Skip files that mention no job system.")
    ] = True,
) -> None:
    r"""List every job definition, enqueue, schedule, worker, client, endpoint, dependency and setting.

    The code is read, never run. What cannot be tied down is listed under "not tied down".

    --include, --exclude and --system may be given more than once; patterns are those of .gitignore.
    What a project wants always goes into its migrate.toml, or \[tool.migrator] in pyproject.toml.

    Exit status: 0 the code was read, 1 there is a defect of the level of --fail-on or worse, 2 it could not be read (the message says why).

    Examples:

      migrate audit

      migrate audit services/billing --format json > audit.json

      migrate audit . --format html --output jobs.html

      migrate audit --system celery --exclude legacy/ --since main

      migrate audit --candidates

      migrate audit --runtime postgresql://localhost/app --runtime redis://localhost:6379/0
    """
    from migrator.cli.audit_run import Wanted, run
    from migrator.reporting.audit import render
    from migrator.reporting.output import deliver

    wanted = Wanted(include, exclude, system, since, select or [], ignore or [], runtime or [], candidates=candidates, prefilter=prefilter)
    inventory = run(path, wanted)
    deliver(render(inventory, form.value), output)
    if any(fail_on.reached_by(finding.severity) for finding in inventory.findings):
        raise typer.Exit(Exit.NO)
