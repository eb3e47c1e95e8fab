"""What the commands of `migrate shadow` are told on the command line, more than one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE", help="The experiment, a TOML file.")]
LedgerPath = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="FILE", help="The ledger, a file. Default: as FILE says, else .migrator/NAME.ledger."),
]
