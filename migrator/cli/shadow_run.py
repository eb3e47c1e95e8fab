"""`migrate shadow run`: send a workload, or watch the application's own traffic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.shadow_arguments import File, LedgerPath

if TYPE_CHECKING:
    from migrator.shadow.config.reading import Loaded
    from migrator.shadow.run.outcome import RunOutcome


def run(
    file: File,
    ledger: LedgerPath = None,
    duration: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="Own traffic: end after 90s, 30min, 2h, 7d. Default: at Ctrl-C."),
    ] = None,
    last: Annotated[
        bool, typer.Option("--last", metavar="", help="Own traffic: at the end take away what was put into the stores for watching.")
    ] = False,
    seed: Annotated[int | None, typer.Option("--seed", metavar="NUMBER", help="Seed of the workload, in place of the file's.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", metavar="", help="Set an existing ledger aside and begin a new one.")] = False,
) -> None:
    """Run the experiment, and write down what becomes of every job.

    With a workload in FILE its jobs are sent through the arms, until the
    last has ended. Without, the application's own traffic is watched:
    events of its processes are collected, every arm's store is observed,
    overdue and lost jobs are looked for, candidates are judged, and the
    ramp is taken further or back; until Ctrl-C, SIGTERM or --for.

    A run that was interrupted, or killed, is gone on with.

    Exit status: 0 every job ended (own traffic: nothing is wrong); 1 jobs
    were lost; 3 jobs are still in flight; 4 the data cannot be trusted;
    130 a workload was interrupted.

    Examples:

      migrate shadow run experiment.toml

      migrate shadow run experiment.toml --for 2h

      migrate shadow run experiment.toml --for 1min --last

      migrate shadow run experiment.toml --fresh --seed 7
    """
    from migrator.errors import MigratorError
    from migrator.reporting.output import deliver
    from migrator.reporting.run_outcome import outcome_text
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import place_of

    seconds = None if duration is None else _seconds(duration)
    experiment = read_experiment(file, seed=seed)
    if experiment.experiment.workload is not None and (seconds is not None or last):
        raise MigratorError(
            f"--{'last' if last else 'for'} is for the application's own traffic, and this experiment sends jobs of its own",
            place=experiment.place("workload"),
            remedy="Leave it out: a workload ends with its last job, and leaves nothing in the stores.",
        )
    if experiment.experiment.workload is None and seed is not None:
        raise MigratorError(
            "--seed is for a [workload], and this experiment is about the application's own traffic",
            place=str(file),
            remedy="Leave it out.",
        )
    if experiment.experiment.workload is not None:
        outcome = _sent(experiment, ledger, fresh=fresh)
    else:
        outcome = _watched(experiment, ledger, seconds, last=last, fresh=fresh)
    deliver(outcome_text(outcome, place_of(experiment, ledger), file), None)
    raise typer.Exit(outcome.exit)


def _sent(experiment: Loaded, ledger: Path | None, *, fresh: bool) -> RunOutcome:
    from migrator.cli.shadow_view import shown
    from migrator.shadow.ledger.choosing import set_ledger_aside
    from migrator.shadow.run.running import run_experiment

    aside = set_ledger_aside(experiment, ledger) if fresh else None
    with shown() as view:
        if aside:
            view.say(f"the ledger of before is kept as {aside}")
        return run_experiment(experiment, ledger, view)


def _watched(experiment: Loaded, ledger: Path | None, seconds: float | None, *, last: bool, fresh: bool) -> RunOutcome:
    from migrator.cli.shadow_view import TimedLines
    from migrator.shadow.ledger.choosing import open_ledger, set_ledger_aside, sole_ledger
    from migrator.shadow.live.handover import handed_over, take_over
    from migrator.shadow.live.running import run_live
    from migrator.shadow.policy.reading import read_policy
    from migrator.shadow.transport.opening import inlet_of

    name, view = experiment.experiment.experiment.name, TimedLines()
    handover = handed_over(experiment, lambda: open_ledger(experiment, ledger)) if fresh else None
    if fresh and (aside := set_ledger_aside(experiment, ledger)):
        view.say(f"the ledger of before is kept as {aside}")
        if handover is None:
            view.say("it cannot be read: what it has of processes that still run may be missed in the new ledger, or be there again")
    with sole_ledger(experiment, ledger) as opened:
        if handover is not None:
            take_over(opened, handover)
        return run_live(
            experiment,
            opened,
            view,
            inlet=inlet_of(read_policy(experiment.file)),
            reader=lambda: open_ledger(experiment, ledger),
            logs=experiment.folder / ".migrator" / f"{name}-logs",
            seconds=seconds,
            last=last,
        )


def _seconds(text: str) -> float:
    from migrator.shadow.how_long import seconds_of

    if (seconds := seconds_of(text)) is None:
        raise typer.BadParameter(f"`{text}` is no time: write 90s, 30min, 2h or 7d", param_hint="--for")
    return seconds
