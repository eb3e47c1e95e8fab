"""Ledgers of every sort, on real servers."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from migrator.servers import postgres
from migrator.shadow.ledger import Ledger, SqliteLedger
from migrator.shadow.ledger.postgres import PostgresLedger, schema_of

VARIABLE = "LEDGER_URL"
_names = itertools.count()


@pytest.fixture(scope="session")
def ledger_server() -> Iterator[str]:
    with postgres() as url:
        yield url


class Kept:
    """One ledger that can be made, opened by several, and looked into behind its back."""

    def __init__(self, create: Callable[[], Ledger], read: Callable[[], Ledger], raw: Callable[[str], None]) -> None:
        self.create, self.open, self.raw = create, read, raw


@pytest.fixture
def on_postgres(ledger_server: str) -> Iterator[str]:
    """The name of an experiment that no other test uses."""
    name = f"test-{os.getpid()}-{next(_names)}"
    yield name
    with psycopg.connect(ledger_server, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema_of(name)}" CASCADE')


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "sqlite":
        path = tmp_path / "deep" / "x.ledger"

        def raw(statement: str) -> None:
            import sqlite3

            with sqlite3.connect(path) as connection:
                connection.execute(statement.format(t=""))

        return Kept(lambda: SqliteLedger.create(path), lambda: SqliteLedger.open(path), raw)
    server, name = request.getfixturevalue("ledger_server"), request.getfixturevalue("on_postgres")

    def execute(statement: str) -> None:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(statement.format(t=f'"{schema_of(name)}".'))

    return Kept(lambda: PostgresLedger.create(server, VARIABLE, name), lambda: PostgresLedger.open(server, VARIABLE, name), execute)
