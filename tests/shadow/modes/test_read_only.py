"""A session that Postgres itself keeps from writing, and that is as it was afterwards."""

from __future__ import annotations

from collections.abc import Generator

import psycopg
import pytest

from migrator.servers import postgres
from migrator.shadow.modes.copies.bodies import mirrored
from migrator.shadow.modes.copies.copy import Copy
from migrator.shadow.modes.copies.running import Runner
from migrator.shadow.modes.egress import EgressGuard
from migrator.shadow.modes.read_only import read_only


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE notes (n integer)")
        yield url


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM notes").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("autocommit", [False, True])
def test_it_reads_and_does_not_write_even_if_the_body_commits(database: str, autocommit: bool) -> None:
    before = count(database)
    with psycopg.connect(database, autocommit=autocommit) as connection:
        with read_only(connection):
            assert connection.execute("SELECT count(*) FROM notes").fetchone() == (before,)
            connection.commit()
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("INSERT INTO notes VALUES (1)")
        connection.execute("INSERT INTO notes VALUES (2)")
        connection.commit()
    assert count(database) == before + 1, "afterwards it writes again"


def test_a_transaction_that_may_have_written_is_not_taken_over(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO notes VALUES (3)")
        with pytest.raises(ValueError, match="a transaction is open"), read_only(connection):
            raise AssertionError("not entered")
        connection.rollback()


def test_a_dry_run_that_tries_to_write_counts_as_suppressed(database: str) -> None:
    said: list[str] = []

    @mirrored("writes", dry_run=True)
    def body(*, shadow: bool) -> None:
        with psycopg.connect(database) as connection, read_only(connection):
            connection.execute("INSERT INTO notes VALUES (4)")

    before = count(database)
    Runner(EgressGuard(), lambda _, reason: said.append(reason)).run(Copy(level="dry_run", job="writes", arm="new"), 1)
    assert said == ["denied: a write to Postgres"]
    assert count(database) == before
