"""`[ledger]`: where the record of every job is kept, and for how long job by job."""

from __future__ import annotations

import msgspec

from migrator.shadow.config.values import Positive


class LedgerTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[ledger]`"""

    store: str = ""  #: environment variable with the address of a Postgres that every host reaches; empty: a file beside this one
    keep_days: Positive | None = None  #: jobs that completed longer ago are kept as sums and sketches only; absent: all are kept
