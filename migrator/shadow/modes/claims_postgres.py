"""Claims as rows of a Postgres: they outlive its restarts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.modes.claims import CLAIM, DONE, FORGET, LOOK, TABLE, Claim, ClaimsDown
from migrator.shadow.postgres.connection import Connection
from migrator.shadow.recorder.ending import at_fork

#: seconds between two removals of what is too old
TIDY = 3600.0
_IS_THERE = sql.SQL("SELECT to_regclass('migrator_claim') IS NOT NULL")
#: two that make the table at once would both find it missing
_ONE_AT_A_TIME = sql.SQL("SELECT pg_advisory_xact_lock(hashtext('migrator_claim'))")


class PostgresClaims:
    """See `migrator.shadow.modes.claims.Claims`. One connection a process, made when first needed and again after it was lost."""

    def __init__(self, address: str, *, name: str, timeout: float, keep: float) -> None:
        self._address, self._name, self._timeout, self._keep = address, name, timeout, keep
        self._left: list[Connection] = []
        self._begin()
        at_fork(self)

    def claim(self, job_key: str, holder: str) -> Claim:
        while True:
            if self._rows(CLAIM, (job_key, holder)):
                return Claim(holder)
            if found := self.look((job_key,)).get(job_key):
                return found

    def done(self, job_key: str, holder: str) -> None:
        self._rows(DONE, (job_key, holder))

    def look(self, job_keys: Iterable[str]) -> dict[str, Claim]:
        return {key: Claim(holder, done) for key, holder, done in self._rows(LOOK, (list(job_keys),))}

    def close(self) -> None:
        self._connection.close()

    def _rows(self, query: LiteralString, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                self._prepare()
            return self._connection.rows(sql.SQL(query), parameters)
        except (StoreDown, psycopg.Error) as error:
            raise ClaimsDown(str(error).partition("\n")[0] or "no answer in time") from error

    def born_again(self) -> None:
        """In the child of a fork. Another thread of the parent may have held the lock; the connection is the parent's."""
        # To close it here would end the parent's session.
        self._left.append(self._connection)
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._connection = Connection(self._address, name=self._name, timeout=self._timeout)
        self._tidied: float | None = None

    def _prepare(self) -> None:
        if self._tidied is None and not self._connection.rows(_IS_THERE)[0][0]:
            self._connection.script([(_ONE_AT_A_TIME, None), (sql.SQL(TABLE), None)])
        if self._tidied is None or time.monotonic() - self._tidied > TIDY:
            self._connection.rows(sql.SQL(FORGET), (self._keep,))
            self._tidied = time.monotonic()
