"""`migrate shadow`: old and new side by side, every job accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli import shadow_routing, shadow_run
from migrator.cli.shadow_arguments import File, LedgerPath

app = typer.Typer(no_args_is_help=True, help="Run old and new side by side on the same traffic and account for every job.")

app.command()(shadow_run.run)


@app.command()
def status(file: File, ledger: LedgerPath = None) -> None:
    """Tell how an experiment stands, from its ledger; also while it runs.

    Examples:

      migrate shadow status experiment.toml
    """
    from migrator.reporting.output import deliver
    from migrator.reporting.run_outcome import standing_text
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import open_ledger

    with open_ledger(read_experiment(file), ledger) as opened:
        deliver(standing_text(opened), None)


@app.command()
def report(
    file: File,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the report.")] = Path("reports"),
    ledger: LedgerPath = None,
) -> None:
    """Write the report as HTML, Markdown and JSON, and print the verdicts.

    Exit status: 0 not inferior; 1 inferior; 3 it cannot be said yet; 4 the data cannot be trusted.

    Examples:

      migrate shadow report experiment.toml

      migrate shadow report experiment.toml --out docs/experiment
    """
    from migrator.reporting.experiment import write
    from migrator.reporting.experiment_console import render_text
    from migrator.reporting.output import deliver
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import open_ledger
    from migrator.shadow.summarizing import summarize

    with open_ledger(read_experiment(file), ledger) as opened:
        summary = summarize(opened)
    written = write(summary, out)
    deliver(render_text(summary) + "\n" + "\n".join(f"Written: {path}" for path in written) + "\n", None)
    raise typer.Exit(summary.exit_status)


for command in shadow_routing.COMMANDS:
    app.command()(command)
