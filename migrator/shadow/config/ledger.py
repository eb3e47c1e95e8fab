"""The ledger in an experiment file."""

from __future__ import annotations

from migrator.shadow.config.table import Positive, Table


class LedgerTable(Table, frozen=True, kw_only=True):
    """`[ledger]`: where the record of every job is kept, and for how long job by job."""

    store: str = ""  #: environment variable with the address of a Postgres that every host reaches; empty: a file beside this one
    keep_days: Positive | None = None  #: jobs that completed longer ago are kept as sums and sketches only; absent: all are kept
