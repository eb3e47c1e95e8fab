"""`migrate verify`: is the migration finished?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the gates are written."""

    text = "text"
    json = "json"
    markdown = "markdown"


def verify(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    source: Annotated[str, typer.Option("--from", metavar="SYSTEM", help="Job system that was left. Default: as the lock says.")] = "",
    target: Annotated[str, typer.Option("--to", metavar="SYSTEM", help="Job system that took over. Default: as the lock says.")] = "",
    lock: Annotated[
        Path | None, typer.Option("--lock", metavar="FILE", help="What `migrate freeze` wrote. Default: inventory.lock.json in PATH.")
    ] = None,
    attestations: Annotated[
        Path | None, typer.Option("--attestations", metavar="FILE", help="What people vouch for. Default: attestations.json in PATH.")
    ] = None,
    experiment: Annotated[
        list[Path] | None,
        typer.Option("--experiment", metavar="FILE", help="Report of an experiment: `migrate shadow report`. Repeatable."),
    ] = None,
    live: Annotated[
        list[str] | None,
        typer.Option("--live", metavar="URL", help="Also look at this running Redis or Postgres for what the old queues hold. Repeatable."),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", "-f", metavar="FORM", help="text, markdown (for people) or json (for tools).")
    ] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output.")
    ] = None,
) -> None:
    """Ask every gate whether the migration is finished, each with its evidence.

    A machine answers what it can; what it cannot, a person vouches for with `migrate attest`.

    Exit status: 0 every gate is met or vouched for, 1 one is unmet, 3 one is open, 2 it could not be asked (the message says why).

    Examples:

      migrate verify

      migrate verify --from celery --to dramatiq

      migrate verify --live redis://localhost:6379/0

      migrate verify --experiment report.json --format markdown --output gates.md
    """
    from migrator.cli.verify_run import verify_now
    from migrator.reporting.output import deliver

    text, status = verify_now(path, source, target, lock, attestations, experiment or [], live or [], form.value)
    deliver(text, output)
    raise typer.Exit(status)
