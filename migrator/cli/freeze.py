"""`migrate freeze`: write down the jobs that a migration begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def freeze(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder that holds the application's code.")] = Path(),
    source: Annotated[str, typer.Option("--from", metavar="SYSTEM", help="Job system that is left.")] = "",
    target: Annotated[str, typer.Option("--to", metavar="SYSTEM", help="Job system that takes over.")] = "",
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="What migrate plan --output FILE.json wrote, in place of --from and --to.")
    ] = None,
    lock: Annotated[
        Path | None, typer.Option("--lock", metavar="FILE", help="File to write. Default: inventory.lock.json in PATH.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", metavar="", help="Replace a lock that is there: what has gone since is forgotten.")
    ] = False,
) -> None:
    """Write down the jobs that a migration begins with, so that none can be forgotten.

    Commit the file. `migrate verify` holds the application against it until every job has moved.

    Exit status: 0 it is written, 2 it could not be (the message says why).

    Examples:

      migrate freeze --from celery --to dramatiq

      migrate freeze --plan plan.json

      migrate freeze services/mail --from inngest --to bullmq
    """
    from migrator.cli.verify_run import freeze_now

    print(freeze_now(path, source, target, plan, lock, again=again), end="")  # noqa: T201 - this is the command's output
