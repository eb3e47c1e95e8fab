"""Which ledger an experiment has: the file that is named on the command line, the Postgres of `[ledger]`, or the file beside it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.shadow.ledger.aside import set_aside
from migrator.shadow.ledger.failures import LedgerError
from migrator.shadow.ledger.interface import Ledger
from migrator.shadow.ledger.sole import sole_run
from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.store_address import POSTGRES

if TYPE_CHECKING:
    from migrator.shadow.config.reading import Loaded


def open_ledger(loaded: Loaded, path: Path | None = None) -> Ledger:
    """To read. `path`: a file named on the command line. Raises LedgerError where there is none, or it cannot be read."""
    if variable := _variable(loaded, path):
        from migrator.shadow.ledger.postgres import PostgresLedger

        return PostgresLedger.open(_address(loaded, variable), variable, loaded.experiment.experiment.name)
    return SqliteLedger.open(path or loaded.ledger)


def create_ledger(loaded: Loaded, path: Path | None = None) -> Ledger:
    """To write, made if there is none. Raises LedgerError where it cannot be."""
    if variable := _variable(loaded, path):
        from migrator.shadow.ledger.postgres import PostgresLedger

        return PostgresLedger.create(_address(loaded, variable), variable, loaded.experiment.experiment.name)
    return SqliteLedger.create(path or loaded.ledger)


@contextmanager
def sole_ledger(loaded: Loaded, path: Path | None = None) -> Generator[Ledger]:
    """To write, for as long as no other run does. Raises LedgerError where one does, or it cannot be opened."""
    with create_ledger(loaded, path) as ledger, _sole(loaded, path):
        yield ledger


def set_ledger_aside(loaded: Loaded, path: Path | None = None) -> str | None:
    """Keep it under another name, which is returned; None where there was no ledger. Raises LedgerError while a run writes to it."""
    if variable := _variable(loaded, path):
        from migrator.shadow.ledger.postgres import PostgresLedger

        with _sole(loaded, path):
            return PostgresLedger.set_aside(_address(loaded, variable), variable, loaded.experiment.experiment.name)
    aside = set_aside(path or loaded.ledger)
    return str(aside) if aside else None


def place_of(loaded: Loaded, path: Path | None = None) -> str:
    """What to call it in messages, also while it cannot be opened."""
    if variable := _variable(loaded, path):
        from migrator.shadow.ledger.postgres import place_in

        return place_in(variable, loaded.experiment.experiment.name)
    return str(path or loaded.ledger)


def ledger_address(loaded: Loaded, path: Path | None = None) -> str | None:
    """The address of the Postgres that keeps it; None where that is a file. Raises LedgerError where there is no address."""
    variable = _variable(loaded, path)
    return _address(loaded, variable) if variable else None


def _sole(loaded: Loaded, path: Path | None) -> AbstractContextManager[None]:
    address = ledger_address(loaded, path)
    return nullcontext() if address is None else sole_run(address, loaded.experiment.experiment.name, place_of(loaded, path))


def _variable(loaded: Loaded, path: Path | None) -> str:
    return "" if path else loaded.experiment.ledger.store


def _address(loaded: Loaded, variable: str) -> str:
    address, place = os.environ.get(variable, ""), loaded.place("ledger", "store")
    if not address:
        raise LedgerError(f"{variable} is not set", place=place, remedy="Set it to the address of the Postgres that keeps the ledger.")
    if not address.startswith(POSTGRES):
        # The value itself may be a password that was pasted into the wrong place.
        raise LedgerError(f"{variable} holds no address of a Postgres", place=place, remedy="It begins with postgresql://.")
    return address
