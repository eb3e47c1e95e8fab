"""Scanning a ledger file: one walk over its pages, without an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np

from migrator.shadow.ledger.scan import NO_TEXT, Numbers, selection, unit_number
from migrator.shadow.ledger.sql_scan import SqlScan
from migrator.shadow.ledger.store import Row

AT_A_TIME = 50_000


class SqliteScan(SqlScan):
    """On a connection of its own, in a transaction that has begun: what is written meanwhile is not seen."""

    def __init__(self, connection: sqlite3.Connection, arms: Sequence[str]) -> None:
        def rows(statement: str, parameters: Sequence[object]) -> list[Row]:
            return connection.execute(statement.format(t=""), parameters).fetchall()

        super().__init__(rows, arms)
        self._connection = connection
        self._texts: dict[int, str] = {}
        connection.create_function("hashed", 1, hash, deterministic=True)
        connection.create_function("unit_number", 1, unit_number, deterministic=True)
        connection.create_function("noted", 1, self._noted, deterministic=True)

    def chunks(self) -> Iterator[Numbers]:
        """See `Scan`."""
        statement = selection(len(self._arms), "hashed({})", "noted({})", f"char({ord(NO_TEXT)})", "unit_number(unit_key)")
        found = self._connection.execute(statement.format(t="event NOT INDEXED"), self._arms * 2)
        while rows := found.fetchmany(AT_A_TIME):
            yield np.array(rows, dtype=np.int64)

    def text(self, number: int) -> str | None:
        """See `Scan`."""
        text = self._texts[number]
        return None if text == NO_TEXT else text

    def _noted(self, text: str) -> int:
        number = hash(text)
        self._texts[number] = text
        return number
