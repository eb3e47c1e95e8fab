"""`migrate explain`: what a rule or a trap is about."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A rule (JOB101, cron-collision), a trap (MIG101) or a gate (G03); none: all rules.")
    ] = "",
) -> None:
    """Say what a rule or a trap is about, why it matters and what to do.

    Exit status: 0, or 2 for an id that means nothing.

    Examples:

      migrate explain

      migrate explain JOB101

      migrate explain MIG104
    """
    from migrator.reporting.explanation import explanation

    print(explanation(name), end="")  # noqa: T201 - this is the command's output
