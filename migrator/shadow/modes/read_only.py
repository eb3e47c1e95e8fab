"""A database session for a dry run: it reads, and Postgres itself refuses it to write.

    with read_only(connection):
        import_article(connection, article, shadow=True)

For psycopg. SQLAlchemy has the same of its own: `session.connection(execution_options={"postgresql_readonly": True})`.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.pq import TransactionStatus


@contextmanager
def read_only(connection: psycopg.Connection[Any]) -> Generator[psycopg.Connection[Any]]:
    """The connection for the time of the block; what is open at its end is rolled back.

    Raises:
        ValueError: a transaction is open already, which may have written.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("a transaction is open on this connection: end it before the dry run")
    _set(connection, "SET default_transaction_read_only = on")
    try:
        yield connection
    finally:
        if not connection.closed:
            connection.rollback()
            _set(connection, "RESET default_transaction_read_only")


def _set(connection: psycopg.Connection[Any], statement: LiteralString) -> None:
    connection.execute(statement)
    if not connection.autocommit:
        connection.commit()
