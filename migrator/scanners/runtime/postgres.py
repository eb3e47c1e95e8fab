"""A Postgres that is asked: every question in one read-only transaction, none for longer than ten seconds."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from migrator.errors import MigratorError
from migrator.scanners.runtime.addresses import hidden, label

if TYPE_CHECKING:
    from psycopg import Connection

# Times without a time zone are taken to be UTC, as object mappers store them.
_LIMITS = (
    "-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout=10000 -c lock_timeout=3000 "
    "-c idle_in_transaction_session_timeout=60000"
)


class Database:
    """A connection of which only reading can be asked."""

    def __init__(self, connection: Connection[Mapping[str, Any]], address: str) -> None:
        self._connection, self.address = connection, address

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[Mapping[str, Any]]:
        """The rows of a question.

        Raises:
            MigratorError: the server refuses it.
        """
        import psycopg

        try:
            # The text is one of this package's own; names of schemas in it are quoted.
            return self._connection.execute(sql.encode(), parameters).fetchall()
        except psycopg.Error as error:
            # After a refusal the transaction is over; the next question begins a new one, which reads only as well.
            if not self._connection.closed:
                self._connection.rollback()
            raise MigratorError(f"does not answer a question: {_first_line(error)}", place=self.address) from None

    def afresh(self) -> None:
        """End the transaction: the next question sees what has happened since, and no old row is kept for us meanwhile."""
        self._connection.rollback()

    def tables(self, name: str) -> list[str]:
        """The tables and views of that name that may be read, in any schema, as they are written in a question."""
        found = self.rows(
            "select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relname = %s and c.relkind in ('r', 'p', 'v') and has_schema_privilege(n.oid, 'usage') "
            "and has_table_privilege(c.oid, 'select') order by 1",
            (name,),
        )
        return [f"{quoted(row['schema'])}.{quoted(name)}" for row in found]

    def columns(self, table: str) -> set[str]:
        """The names of a table's columns; `table` as `tables` gives it."""
        found = self.rows("select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped", (table,))
        return {row["attname"] for row in found}


def quoted(name: str) -> str:
    """A name as it is written in SQL."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def connected(url: str) -> Generator[Database]:
    """Yields the database at `url`.

    Raises:
        MigratorError: it cannot be reached, or refuses.
    """
    try:
        import psycopg
        from psycopg.rows import dict_row
    except ImportError as error:
        raise MigratorError(f"asking Postgres needs the package psycopg: {error}", remedy="pip install 'migrator[servers]'") from None
    address = label(url)
    try:
        connection: Any = psycopg.connect(url, connect_timeout=5, options=_LIMITS, row_factory=cast("Any", dict_row))
    except psycopg.Error as error:
        cause = f"Postgres cannot be asked: {hidden(_first_line(error), url)}"
        raise MigratorError(cause, place=address, remedy="Check the address, the user and its right to connect.") from None
    with connection:
        connection.read_only = True
        yield Database(connection, address)
        connection.rollback()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
