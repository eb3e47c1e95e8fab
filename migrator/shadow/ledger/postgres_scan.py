"""Scanning a ledger in Postgres: the server hashes, and sends the numbers as it keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString, cast

import numpy as np
import psycopg
from psycopg import sql

from migrator.shadow.ledger.scan import BETWEEN, NO_TEXT, NUMBERS, Numbers, selection
from migrator.shadow.ledger.sql_scan import SqlScan
from migrator.shadow.ledger.store import Row

HEADER, TRAILER = 19, 2  #: bytes around the rows of a binary copy
#: a row of a binary copy: how many fields, and before each how many bytes it has
_ROW = np.dtype([("fields", ">i2"), *((f"{part}{i}", kind) for i in range(NUMBERS) for part, kind in (("size", ">i4"), ("value", ">i8")))])
AT_A_TIME = 1 << 21  #: bytes
_UNIT = "('x' || left(md5(unit_key), 16))::bit(64)::bigint"
_HASH = "hashtextextended({}, 0)"


class PostgresScan(SqlScan):
    """On a connection of its own, in a transaction that sees one moment."""

    def __init__(self, connection: psycopg.Connection[Row], prefix: str, arms: Sequence[str]) -> None:
        def rows(statement: str, parameters: Sequence[object]) -> list[Row]:
            query = statement.replace("{t}", prefix).replace("?", "%s")
            return connection.execute(sql.SQL(cast(LiteralString, query)), parameters).fetchall()

        super().__init__(rows, arms)
        self._connection, self._prefix = connection, prefix
        self._texts: dict[int, str] = {}

    def chunks(self) -> Iterator[Numbers]:
        """See `Scan`."""
        statement = selection(len(self._arms), _HASH, _HASH, f"chr({ord(NO_TEXT)})", _UNIT).format(t=f"{self._prefix}event")
        arms = [sql.Literal(arm) for arm in self._arms * 2]
        parts = statement.replace("{", "{{").replace("}", "}}").replace("?", "{}")
        query = sql.SQL(cast(LiteralString, parts)).format(*arms)
        waiting, size, begun = list[bytes](), 0, False
        with self._connection.cursor() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)) as copy:
            for block in copy:
                data = bytes(block)
                if not begun:
                    data, begun = data[HEADER:], True
                waiting.append(data)
                size += len(data)
                if size >= AT_A_TIME:
                    joined = b"".join(waiting)
                    whole = len(joined) - len(joined) % _ROW.itemsize
                    yield _numbers(joined[:whole])
                    waiting, size = [joined[whole:]], len(joined) - whole
        rest = b"".join(waiting)
        if len(rest) > TRAILER:
            yield _numbers(rest[: len(rest) - TRAILER])

    def text(self, number: int) -> str | None:
        """See `Scan`."""
        if not self._texts:
            none, between = (f"chr({ord(character)})" for character in (NO_TEXT, BETWEEN))
            self._learn(f"coalesce(err_type, {none})", "attempt_failed")
            self._learn(f"job_name || {between} || coalesce(label, {none})", "assigned")
        text = self._texts[number]
        return None if text == NO_TEXT else text

    def _learn(self, said: str, kind: str) -> None:
        found = self._rows(f"SELECT DISTINCT {_HASH.format(said)}, {said} FROM {{t}}event WHERE kind = ?", (kind,))  # noqa: S608
        self._texts.update(found)


def _numbers(data: bytes) -> Numbers:
    rows = np.frombuffer(data, dtype=_ROW)
    return np.stack([rows[f"value{i}"].astype(np.int64) for i in range(NUMBERS)], axis=1)
