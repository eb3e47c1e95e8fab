"""One run at a time: two would hand each other's jobs about, and judge them twice. A file has one writer anyway; a Postgres has many."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from migrator.shadow.ledger.failures import LedgerError


@contextmanager
def sole_run(address: str, experiment: str, place: str) -> Generator[None]:
    """Nobody else runs an experiment on its ledger in this Postgres, or sets that aside, from whatever host.

    Raises:
        LedgerError: somebody does; `place` is what to call the ledger.
    """
    import psycopg

    from migrator.shadow.ledger.postgres_failures import plain_errors
    from migrator.shadow.postgres.address import libpq_address

    with plain_errors(place):
        lock = psycopg.connect(libpq_address(address), autocommit=True, application_name="migrator shadow run")
    with lock:
        name = f"migrator collector {experiment}"
        if lock.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone() != (True,):
            remedy = "One run is enough for all hosts. See what it does with `migrate shadow watch`, or end it first."
            raise LedgerError("another run is collecting into this ledger", place=place, remedy=remedy)
        yield
