"""Events through a table of Postgres, for applications on many hosts that have no Redis: `migrator_events`, a row for some lines."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg import sql

from migrator.shadow.postgres.connection import Connection
from migrator.shadow.transport.interface import Batch, Ended
from migrator.shadow.transport.line import Line, read_lines
from migrator.shadow.transport.waiting import ENTRIES, LINES, TABLE, Full

#: seconds that the server may take to answer
PATIENCE = 10.0
_MAKE = sql.SQL(TABLE)
_THERE = sql.SQL("SELECT to_regclass('migrator_events') IS NOT NULL")
_FULL = sql.SQL("SELECT count(*) FROM (SELECT FROM migrator_events WHERE experiment = %s LIMIT %s) AS waiting")
_PUT = sql.SQL("INSERT INTO migrator_events (experiment, lines, ended) VALUES (%s, %s, %s)")
_TAKE = sql.SQL("SELECT position, lines, ended FROM migrator_events WHERE experiment = %s ORDER BY position LIMIT %s")
_DONE = sql.SQL("DELETE FROM migrator_events WHERE position = ANY(%s)")


class PostgresOutlet:
    """The outlet; see `migrator.shadow.transport.interface.Outlet`."""

    def __init__(self, url: str, name: str, variable: str) -> None:
        self._connection, self._name = Connection(url, name=variable, timeout=PATIENCE), name
        self.place = f"{variable} (Postgres), table migrator_events"
        self._made = False

    def send(self, lines: Sequence[bytes], ended: Sequence[Ended] = ()) -> None:
        if not self._made:
            # Asked first: to make what is there already may wait for others who do.
            if self._connection.rows(_THERE) != [(True,)]:
                self._connection.rows(_MAKE)
            self._made = True
        if self._connection.rows(_FULL, (self._name, ENTRIES)) == [(ENTRIES,)]:
            raise Full(f"{ENTRIES:,} rows wait in the table, and nobody takes them out")
        chunks = [b"".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
        rows = [(self._name, chunk, None) for chunk in chunks] + [(self._name, b"", msgspec.json.encode(each)) for each in ended]
        self._connection.script([(_PUT, row) for row in rows])

    def close(self) -> None:
        self._connection.close()


class PostgresInlet:
    """The inlet; see `migrator.shadow.transport.interface.Inlet`. Rows are deleted once the ledger has them."""

    def __init__(self, url: str, name: str, variable: str) -> None:
        self._connection, self._name = Connection(url, name=variable, timeout=PATIENCE), name
        self.place = f"{variable} (Postgres), table migrator_events"

    def resume(self, cursor: str) -> None:
        """Nothing to do: what is there is not done."""

    def read(self, limit: int = 10_000) -> Batch:
        lines: list[Line] = []
        ended: list[Ended] = []
        unreadable: list[str] = []
        rows = self._connection.rows(_TAKE, (self._name, max(1, limit // LINES))) if self._connection.rows(_THERE) == [(True,)] else []
        for position, data, end in rows:
            found, odd = read_lines(bytes(data), f"migrator_events, row {position}")
            lines += found
            unreadable += odd
            if end is not None:
                ended.append(msgspec.json.decode(bytes(end), type=Ended))
        return Batch(lines=tuple(lines), ended=tuple(ended), unreadable=tuple(unreadable), token=[position for position, *_ in rows])

    def done(self, batch: Batch) -> None:
        if batch.token:
            self._connection.rows(_DONE, (batch.token,))

    def close(self) -> None:
        self._connection.close()
