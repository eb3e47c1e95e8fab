"""`migrate shadow status | watch`: how an experiment stands."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.shadow_arguments import File, LedgerPath

if TYPE_CHECKING:
    from migrator.reporting.experiment_watch import Pace
    from migrator.shadow.config.reading import Loaded
    from migrator.shadow.live.standing import Standing
    from migrator.shadow.summary import ExperimentSummary

#: a large ledger takes long to read, and is read less often: the time between two looks is so many times as long
PATIENCE = 5


def status(file: File, ledger: LedgerPath = None) -> None:
    """Tell how an experiment stands, from its ledger; also while it runs.

    The books of every arm, where the ramp is, what is switched off, and
    what of the record is missing or still on its way.

    Exit status: 0, or 2 where FILE or its ledger cannot be read.

    Examples:

      migrate shadow status experiment.toml
    """
    from migrator.reporting.output import deliver
    from migrator.reporting.run_outcome import standing_text
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger.choosing import open_ledger
    from migrator.shadow.live.standing import standing_of

    experiment = read_experiment(file)
    with open_ledger(experiment, ledger) as opened:
        deliver(standing_text(opened, standing_of(experiment, opened, ledger)), None)


def watch(
    file: File,
    ledger: LedgerPath = None,
    every: Annotated[
        float | None, typer.Option("--every", metavar="SECONDS", min=0.5, help="Between two looks. Default: 2 on a terminal, else 30.")
    ] = None,
) -> None:
    """Show an experiment while it goes on: arms, times, verdicts, ramp.

    It only reads: beside a run, or after it. On a terminal it is one
    screen; q or Ctrl-C ends it. Piped, it is a line now and then.

    Exit status: 0, or 2 where FILE or its ledger cannot be read.

    Examples:

      migrate shadow watch experiment.toml

      migrate shadow watch experiment.toml --every 60 | tee watch.log
    """
    from migrator.reporting.experiment_watch import Pace, line, screen
    from migrator.shadow.config.reading import read_experiment

    experiment, pace = read_experiment(file), Pace()
    if not sys.stdout.isatty():
        try:
            while True:
                began = time.monotonic()
                summary, standing, rates = _look(experiment, ledger, pace)
                print(line(summary, standing, rates), flush=True)  # noqa: T201 - this is the command's output
                time.sleep(max(every or 30.0, PATIENCE * (time.monotonic() - began)))
        except (KeyboardInterrupt, BrokenPipeError):
            return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    first = screen(*_look(experiment, ledger, pace), console.width)
    with _keys() as pressed, Live(first, console=console, screen=True, auto_refresh=False) as live:
        took = 0.0
        while not pressed(max(every or 2.0, PATIENCE * took)):
            began = time.monotonic()
            live.update(screen(*_look(experiment, ledger, pace), console.width), refresh=True)
            took = time.monotonic() - began


def _look(experiment: Loaded, ledger: Path | None, pace: Pace) -> tuple[ExperimentSummary, Standing, dict[str, float | None]]:
    from migrator.shadow.ledger.choosing import open_ledger
    from migrator.shadow.live.standing import standing_of
    from migrator.shadow.summarizing import summarize

    with open_ledger(experiment, ledger) as opened:
        summary = summarize(opened)
        rates = pace.see({arm.arm: arm.assigned for arm in summary.arms}, time.monotonic())
        return summary, standing_of(experiment, opened, ledger), rates


class _Pressed:
    """Waits for so many seconds; True as soon as q is pressed, or Ctrl-C."""

    def __call__(self, patience: float) -> bool:
        import select

        until = time.monotonic() + patience
        try:
            while (left := until - time.monotonic()) > 0:
                if not sys.stdin.isatty():
                    time.sleep(left)
                elif select.select([sys.stdin], [], [], left)[0] and sys.stdin.read(1) in ("q", "Q", ""):
                    return True
        except KeyboardInterrupt:
            return True
        return False


@contextmanager
def _keys() -> Generator[_Pressed]:
    """Keys one by one, without Enter; the terminal is put back as it was."""
    if not sys.stdin.isatty():
        yield _Pressed()
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield _Pressed()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


COMMANDS = (status, watch)
