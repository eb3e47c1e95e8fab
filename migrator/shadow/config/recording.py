"""`[recorder]`: how events get from the processes of an application to the ledger."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.shadow.config.values import Positive, Size, Text


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[recorder]`. The same in every process: all of them read it from the experiment file."""

    transport: str = ""  #: environment variable with the address of a Redis or Postgres; empty: the folder
    folder: Text = ".migrator/{name}.spool"  #: relative to the experiment file; `{name}` is the experiment's
    durability: OneOf["memory", "wal", "fsync"] = "memory"  #: what a killed process loses; see `migrator.shadow.recorder.recorder`
    events: Positive = 10_000  #: that wait in the memory of a process
    disk_bytes: Size = 256 << 20  #: that wait in the folder
