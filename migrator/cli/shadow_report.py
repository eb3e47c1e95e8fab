"""`migrate shadow report`: what an experiment has shown so far, and the exit status for it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Form(StrEnum):
    """What a report can be written as."""

    text = "text"
    html = "html"
    md = "md"
    json = "json"
    junit = "junit"
    csv = "csv"


def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The experiment, a TOML file.")],
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORM",
            help="Print one form: text, html, md, json, junit, or csv (the jobs that something happened to, every one).",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="With --format: write to this file instead of standard output.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the whole report, and of the one before.")] = Path(
        "reports"
    ),
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger. Default: .migrator/NAME.ledger beside FILE.")
    ] = None,
) -> None:
    """Write the report in every form, and print the verdicts.

    A report remembers what the one before it in the same folder said.

    Exit status: 0 not inferior; 1 inferior; 3 it cannot be said yet; 4 the
    data cannot be trusted.

    Examples:

      migrate shadow report experiment.toml

      migrate shadow report experiment.toml --out docs/experiment

      migrate shadow report experiment.toml --format junit --output shadow.xml

      migrate shadow report experiment.toml --format csv > jobs.csv
    """
    from msgspec.structs import replace

    from migrator.errors import MigratorError
    from migrator.reporting.experiment import SUFFIXES, render, write
    from migrator.reporting.experiment_console import render_text
    from migrator.reporting.experiment_jobs import render_jobs
    from migrator.reporting.output import deliver
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import open_ledger
    from migrator.shadow.past import remembered
    from migrator.shadow.summarizing import summarize_by_name

    if output is not None and form is None:
        raise MigratorError("--output goes with --format", remedy="Name a form, or a folder with --out.")
    with open_ledger(read_experiment(file), ledger) as opened:
        summary, jobs = summarize_by_name(opened)
    summary = replace(summary, history=remembered(summary.experiment, summary.history, out / f"shadow.{SUFFIXES['json']}"))
    match form:
        case None:
            written = [*write(summary, out), out / "shadow.csv"]
            deliver(render_jobs(jobs), written[-1])
            deliver(render_text(summary) + "\n" + "\n".join(f"Written: {path}" for path in written), None)
        case Form.text:
            deliver(render_text(summary), output)
        case Form.csv:
            deliver(render_jobs(jobs), output)
        case _:
            deliver(render(summary, form.value), output)
    raise typer.Exit(summary.exit_status)
