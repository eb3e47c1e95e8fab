"""`migrate attest`: a person vouches for what no machine can see."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def attest(
    gate: Annotated[str, typer.Argument(metavar="GATE", help="The gate: G13. `migrate explain G13` says what it asks.")],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who vouches for it.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was seen, and where.")],
    job: Annotated[str, typer.Option("--job", metavar="NAME", help="With G01: this job of the lock was dropped, or renamed.")] = "",
    becomes: Annotated[str, typer.Option("--becomes", metavar="NAME", help="With --job: the name that it has on the target.")] = "",
    when: Annotated[
        datetime | None, typer.Option("--when", metavar="DATE", formats=["%Y-%m-%d"], help="Day on which it was seen. Default: today.")
    ] = None,
    path: Annotated[Path, typer.Option("--path", metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    file: Annotated[
        Path | None, typer.Option("--attestations", metavar="FILE", help="File to add to. Default: attestations.json in PATH.")
    ] = None,
) -> None:
    """Vouch for a gate that no machine can answer, by name and date, in a file that is committed.

    An attestation answers a gate that is open. It never undoes one that a check found unmet.

    Exit status: 0 it is written, 2 it could not be (the message says why).

    Examples:

      migrate attest G13 --by "Ada L." --note "staging ran 4f2c1aa for three days, run 1812"

      migrate attest G01 --by "Ada L." --job old-report --note "nobody reads it, ticket 77"

      migrate attest G01 --by "Ada L." --job digest --becomes morning-digest --note "renamed"
    """
    from migrator.cli.verify_run import attest_now

    day = when.date() if when else datetime.now().astimezone().date()
    print(attest_now(path, file, gate, by, note, job, becomes, day), end="")  # noqa: T201 - this is the command's output
