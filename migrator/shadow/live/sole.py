"""One collector at a time: two would hand each other's jobs about, and judge them twice."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Ledger, LedgerError
from migrator.shadow.ledger.choosing import create_ledger, ledger_address


@contextmanager
def sole_collector(loaded: Loaded, path: Path | None = None) -> Generator[Ledger]:
    """The ledger of an experiment, to write, for as long as nobody else collects into it.

    Raises:
        LedgerError: somebody does, on whatever host; or the ledger cannot be opened.
    """
    with create_ledger(loaded, path) as ledger:
        # A file has one writer anyway; a Postgres has many, of which one collects.
        address = ledger_address(loaded, path)
        if address is None:
            yield ledger
            return
        import psycopg

        from migrator.shadow.postgres.address import libpq_address

        with psycopg.connect(libpq_address(address), autocommit=True, application_name="migrator shadow run") as lock:
            name = f"migrator collector {loaded.experiment.experiment.name}"
            if lock.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone() != (True,):
                remedy = "One run is enough for all hosts. See what it does with `migrate shadow watch`, or end it first."
                raise LedgerError("another run is collecting into this ledger", place=ledger.place, remedy=remedy)
            yield ledger
