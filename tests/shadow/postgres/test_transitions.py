"""The log of a table's changes where the role, the server or somebody else is in the way, on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg import conninfo, sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.postgres.connection import Connection
from migrator.shadow.postgres.transitions import Columns, TransitionLog

Open = Callable[[str], TransitionLog]


@pytest.fixture
def server(ledger_server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(ledger_server, autocommit=True) as connection:
        connection.execute("CREATE TABLE job (id text PRIMARY KEY, payload jsonb, state text)")
        yield connection
        connection.execute("DROP TABLE job CASCADE")
        connection.execute("DROP SCHEMA IF EXISTS migrator_shadow CASCADE")


@pytest.fixture
def opened(ledger_server: str, server: psycopg.Connection) -> Iterator[Open]:
    made: list[Connection] = []

    def open_as(role: str) -> TransitionLog:
        address = conninfo.make_conninfo(ledger_server, **({"user": role, "password": "x"} if role else {}))
        made.append(Connection(address, name="DATABASE_URL", timeout=20))
        columns = Columns(id="id", payload="payload", state="state")
        return TransitionLog(made[-1], sql.Identifier("public", "job"), columns, ledger_id="led", arm="new")

    yield open_as
    for connection in made:
        connection.close()


@pytest.mark.parametrize("may", [(), ("GRANT CREATE ON DATABASE {} TO guest", "GRANT TRIGGER ON job TO guest")])
def test_a_role_that_could_not_take_the_trigger_away_again_puts_none_there(
    server: psycopg.Connection, opened: Open, may: tuple[LiteralString, ...]
) -> None:
    server.execute("CREATE ROLE guest LOGIN PASSWORD 'x'")
    try:
        for grant in may:
            server.execute(sql.SQL(grant).format(sql.Identifier(server.info.dbname)))
        with pytest.raises(MigratorError, match="DATABASE_URL: this role may not put a trigger on"):
            opened("guest").begin()
        assert server.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'job'::regclass").fetchone() == (0,)
        assert server.execute("SELECT to_regnamespace('migrator_shadow')").fetchone() == (None,)
    finally:
        server.execute("DROP OWNED BY guest")
        server.execute("DROP ROLE guest")


def test_a_log_that_somebody_took_away_is_said_to_be_gone(server: psycopg.Connection, opened: Open) -> None:
    log = opened("")
    log.begin()
    server.execute("DROP SCHEMA migrator_shadow CASCADE")
    with pytest.raises(MigratorError, match="somebody has taken the schema"):
        log.read()


def test_of_several_arms_in_one_table_each_has_its_own_jobs(server: psycopg.Connection, opened: Open) -> None:
    log = opened("")
    log.begin()
    marks = {
        "mine": '"arm": "new"',
        "other's": '"arm": "old"',
        "back": '"arm": "old", "holder": "new:1f"',
        "gone": '"arm": "new", "holder": "old:1f"',
    }
    for key, mark in marks.items():
        server.execute("INSERT INTO job VALUES (%s, %s, 'waiting')", (key, f'{{"__shadow": {{"ledger": "led", "key": "{key}", {mark}}}}}'))
    server.execute("""INSERT INTO job VALUES ('workload', '{"__shadow": {"ledger": "led", "key": "workload"}}', 'waiting')""")
    assert [change.job_key for change in log.read()] == ["mine", "back", "workload"]


def test_a_server_that_has_become_a_standby_is_down_until_the_other_one_is_found(server: psycopg.Connection, opened: Open) -> None:
    log = opened("")
    log.begin()
    server.execute("""INSERT INTO job VALUES ('1', '{"__shadow": {"ledger": "led", "key": "led-1"}}', 'waiting')""")
    assert len(log.read()) == 1
    name = sql.Identifier(server.info.dbname)
    server.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    try:
        later = opened("")
        later._read = log._read
        with pytest.raises(StoreDown):
            later.forget()
    finally:
        server.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    later.forget()
    assert log.read() == []


def test_nothing_is_left_prepared_in_a_server_process_that_a_pooler_gives_to_others(ledger_server: str) -> None:
    connection = Connection(ledger_server, name="DATABASE_URL", timeout=20)
    for _ in range(10):
        connection.rows(sql.SQL("SELECT %s::int"), (1,))
    assert connection.rows(sql.SQL("SELECT count(*) FROM pg_prepared_statements")) == [(0,)]
    connection.close()


def test_the_end_of_a_password_is_not_taken_for_a_host() -> None:
    with pytest.raises(MigratorError, match="DATABASE_URL") as caught:
        Connection("postgresql://ann:s3cr@t@127.0.0.1:1/db", name="DATABASE_URL", timeout=1).rows(sql.SQL("SELECT 1"))
    assert "t@" not in str(caught.value)
