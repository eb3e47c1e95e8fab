"""`migrate explain`: what a rule, a trap, a gate, a limit or a capability is about."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A rule (JOB101, cron-collision), live check (LIV01), trap (MIG101), limit (MIG01), gate (G03) or capability (cron); "
            "none: all rules.",
        ),
    ] = "",
) -> None:
    """Say what a rule, a trap, a limit, a gate or a capability is about, and what to do.

    Exit status: 0, or 2 for an id that means nothing.

    Examples:

      migrate explain

      migrate explain JOB101

      migrate explain MIG104

      migrate explain wait-for-event
    """
    from migrator.reporting.explanation import explanation

    print(explanation(name), end="")  # noqa: T201 - this is the command's output
