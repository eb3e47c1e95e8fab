"""`migrate shadow`: old and new side by side, every job accounted for."""

from __future__ import annotations

import typer

from migrator.cli import shadow_report, shadow_routing, shadow_run
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


app.command()(shadow_report.report)
for command in shadow_routing.COMMANDS:
    app.command()(command)
