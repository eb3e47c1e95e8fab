"""`migrate audit`: what jobs there are, where, how they are configured, and what is wrong with them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.levels import Confidence, FailOn, Severity
from migrator.errors import Exit

_READ, _FINDINGS, _BASELINE = "What is read and shown", "Defects", "Defects that were there before"


class Format(StrEnum):
    """How the inventory is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"
    csv = "csv"
    sarif = "sarif"
    github = "github"
    junit = "junit"


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            metavar="FORM",
            help="text, markdown or html (for people); json or csv (for tools); sarif, github or junit (the defects alone, for CI).",
        ),
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include", metavar="GLOB", help="Show only what stands in these files. All are read, for links.", rich_help_panel=_READ
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Do not read these files at all.", rich_help_panel=_READ)
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option("--system", metavar="NAME", help="Show only this job system.", rich_help_panel=_READ)
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="REV", help="Show only files that changed since this git revision.", rich_help_panel=_READ)
    ] = "",
    candidates: Annotated[
        bool,
        typer.Option("--candidates", metavar="", help="Also look for request handlers that do what a job could do.", rich_help_panel=_READ),
    ] = False,
    runtime: Annotated[
        list[str] | None,
        typer.Option(
            "--runtime",
            metavar="URL",
            help="Also ask this running Postgres, Redis or Inngest endpoint. Nothing is written.",
            rich_help_panel=_READ,
        ),
    ] = None,
    live: Annotated[
        list[str] | None,
        typer.Option(
            "--live", metavar="URL", help="Also look at this running Redis or Postgres for what is wrong there. Nothing is written."
        ),
    ] = None,
    live_window: Annotated[
        float | None,
        typer.Option("--live-window", metavar="SECONDS", min=0.1, help="Look twice, so many seconds apart: only that gives rates."),
    ] = None,
    prefilter: Annotated[
        bool,
        typer.Option("--prefilter/--no-prefilter", metavar="", help="Skip files that mention no job system.", rich_help_panel=_READ),
    ] = True,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="RULE",
            help="Look for these alone: an id, its beginning, a name, ALL.",
            rich_help_panel=_FINDINGS,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Do not look for these.", rich_help_panel=_FINDINGS)
    ] = None,
    preview: Annotated[
        bool | None,
        typer.Option("--preview/--no-preview", metavar="", help="Look for those of preview rules, too.", rich_help_panel=_FINDINGS),
    ] = None,
    severity: Annotated[
        Severity | None,
        typer.Option("--severity", metavar="LEVEL", help="Show and count only these or worse: critical … info.", rich_help_panel=_FINDINGS),
    ] = None,
    confidence: Annotated[
        Confidence | None,
        typer.Option(
            "--confidence",
            metavar="LEVEL",
            help="Show and count only these or surer: certain, likely, possible.",
            rich_help_panel=_FINDINGS,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            metavar="LEVEL",
            help="End with 1 for one of this level or worse: critical … info; never.",
            rich_help_panel=_FINDINGS,
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Do not count what this file lists.", rich_help_panel=_BASELINE),
    ] = None,
    no_baseline: Annotated[
        bool, typer.Option("--no-baseline", metavar="", help="Count it after all, whatever the settings say.", rich_help_panel=_BASELINE)
    ] = False,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", metavar="FILE", help="List there what is found now.", rich_help_panel=_BASELINE),
    ] = None,
    prune_baseline: Annotated[
        bool, typer.Option("--prune-baseline", metavar="", help="Take out of the file what is mended.", rich_help_panel=_BASELINE)
    ] = False,
) -> None:
    r"""List every job definition, enqueue, schedule, worker, client, endpoint, dependency and setting, and what is wrong with them.

    The code is read, never run. What cannot be tied down is listed under "not tied down".

    Options that name files, systems or rules may be given more than once; patterns are those of .gitignore.
    What a project wants always goes into its migrate.toml, or \[tool.migrator] in pyproject.toml.
    A defect that is to stay is accepted in a comment: # migrate: ignore\[JOB105] the reason

    Exit status: 0 the code was read, 1 there is a defect of the level of --fail-on or worse, 2 it could not be read (the message says why).
    What the code does not say (unknown) changes nothing about it.

    Examples:

      migrate audit

      migrate audit services/billing --format json > audit.json

      migrate audit . --format html --output jobs.html

      migrate audit --system celery --exclude legacy/ --since main

      migrate audit --fail-on high --confidence likely --format github

      migrate audit --write-baseline .migrate-baseline.json

      migrate audit --baseline .migrate-baseline.json --fail-on low

      migrate audit --runtime postgresql://localhost/app --runtime redis://localhost:6379/0

      migrate audit --live redis://localhost:6379/0 --live-window 60 --fail-on critical
    """
    from migrator.cli.audit_run import Wanted, run
    from migrator.reporting.audit import render
    from migrator.reporting.output import deliver

    wanted = Wanted(
        include=include,
        exclude=exclude,
        system=system,
        since=since,
        candidates=candidates,
        runtime=runtime or (),
        live=live or (),
        live_window=live_window,
        prefilter=prefilter,
        select=select,
        ignore=ignore,
        preview=preview,
        severity=severity.value if severity is not None else None,
        confidence=confidence.value if confidence is not None else None,
        fail_on=fail_on.value if fail_on is not None else None,
        baseline=baseline,
        no_baseline=no_baseline,
        write_baseline=write_baseline,
        prune_baseline=prune_baseline,
    )
    audited = run(path, wanted)
    deliver(render(audited.inventory, form.value), output)
    if audited.failed:
        raise typer.Exit(Exit.NO)
