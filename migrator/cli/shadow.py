"""`migrate shadow`: old and new side by side, every job accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli import shadow_routing

app = typer.Typer(no_args_is_help=True, help="Run old and new side by side on the same traffic and account for every job.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The experiment, a TOML file.")]
LedgerPath = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="FILE", help="The ledger, a file. Default: as FILE says, else .migrator/NAME.ledger."),
]


@app.command()
def run(
    file: File,
    ledger: LedgerPath = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="NUMBER", help="Seed of the workload, in place of the file's.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", metavar="", help="Set an existing ledger aside and begin a new one.")] = False,
) -> None:
    """Send the experiment's jobs through its arms and write down what becomes of each.

    A run that was interrupted is gone on with.

    Exit status: 0 every job ended; 1 jobs were lost; 3 jobs are still in
    flight; 4 the data cannot be trusted (a store or a worker failed);
    130 interrupted.

    Examples:

      migrate shadow run experiment.toml

      migrate shadow run experiment.toml --fresh --seed 7
    """
    from migrator.cli.shadow_view import shown
    from migrator.reporting.output import deliver
    from migrator.reporting.run_outcome import outcome_text
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import place_of, set_ledger_aside
    from migrator.shadow.run.running import run_experiment

    experiment = read_experiment(file, seed=seed)
    if fresh:
        set_ledger_aside(experiment, ledger)
    with shown() as view:
        outcome = run_experiment(experiment, ledger, view)
    deliver(outcome_text(outcome, place_of(experiment, ledger), file), None)
    raise typer.Exit(outcome.exit)


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
