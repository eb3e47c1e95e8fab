"""Where the state lies: a file, a key of Redis, or a row of Postgres. Reading tells whether there is one; writing leaves no half of it."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from migrator import whole_file
from migrator.shadow.store_address import store_address

if TYPE_CHECKING:
    from migrator.shadow.postgres.connection import Connection

#: seconds that a server may take to answer
PATIENCE = 2.0


class Store(Protocol):
    """One place for the state of one experiment."""

    @property
    def place(self) -> str:
        """What to call it in messages; no password in it."""
        ...

    def read(self) -> bytes | None:
        """The bytes; None where nothing was ever changed. Any exception means that the store could not be asked."""
        ...

    def write(self, data: bytes) -> None:
        """Replace them, all or nothing. Any exception means that they were not."""
        ...


class FileStore:
    """A file beside the experiment file; for one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path)

    def read(self) -> bytes | None:
        """See `Store`."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """See `Store`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Processes of another user read it as well.
        whole_file.replace(data, self._path)


class RedisStore:
    """A key of a Redis that every host reaches."""

    def __init__(self, url: str, name: str, variable: str) -> None:
        from migrator.shadow.redis_store import redis_at

        self._redis = redis_at(url, name=variable, timeout=PATIENCE)
        self._key = f"migrator:routing:{name}"
        self.place = f"{variable} (Redis), key {self._key}"

    def read(self) -> bytes | None:
        """See `Store`."""
        found = self._redis.get(self._key)
        return found if isinstance(found, bytes) else None

    def write(self, data: bytes) -> None:
        """See `Store`."""
        self._redis.set(self._key, data)


class PostgresStore:
    """A row of a Postgres that every host reaches, in a table of our own."""

    _TABLE = "CREATE TABLE IF NOT EXISTS migrator_routing (name text PRIMARY KEY, state jsonb NOT NULL, changed timestamptz NOT NULL)"
    _IS_THERE = "SELECT to_regclass('migrator_routing') IS NOT NULL"
    _READ = "SELECT state::text FROM migrator_routing WHERE name = %s"
    _WRITE = (
        "INSERT INTO migrator_routing (name, state, changed) VALUES (%s, %s::jsonb, now()) "
        "ON CONFLICT (name) DO UPDATE SET state = excluded.state, changed = excluded.changed"
    )

    def __init__(self, url: str, name: str, variable: str) -> None:
        self._url, self._name, self._variable = url, name, variable
        self.place = f"{variable} (Postgres), table migrator_routing, row {name}"

    def read(self) -> bytes | None:
        """See `Store`."""
        from psycopg import sql

        with self._connected() as connection:
            if connection.rows(sql.SQL(self._IS_THERE)) != [(True,)]:
                return None
            found = connection.rows(sql.SQL(self._READ), (self._name,))
            return found[0][0].encode() if found else None

    def write(self, data: bytes) -> None:
        """See `Store`."""
        from psycopg import sql

        with self._connected() as connection:
            connection.rows(sql.SQL(self._TABLE))
            connection.rows(sql.SQL(self._WRITE), (self._name, data.decode()))

    def _connected(self) -> AbstractContextManager[Connection]:
        """Each time anew: a child after a fork must not speak on the parent's."""
        from migrator.shadow.postgres.connection import Connection

        return closing(Connection(self._url, name=self._variable, timeout=PATIENCE))


def store_of(variable: str, name: str, file: Path) -> Store:
    """The store whose address is in the environment variable `variable`; the file where there is none.

    Raises:
        MigratorError: the variable is not set, or holds no address of Redis or Postgres.
    """
    if not variable:
        return FileStore(file)
    kind, url = store_address(variable, "holds the state")
    return RedisStore(url, name, variable) if kind == "redis" else PostgresStore(url, name, variable)
