"""A ledger in Postgres: many writers, and what is said when the server is not as it should be."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from migrator.shadow.ledger import Event, LedgerError
from migrator.shadow.ledger.postgres import LONGEST_NAME, PostgresLedger, schema_of
from migrator.shadow.ledger.postgres_schema import STEPS, VERSION
from tests.shadow.conftest import VARIABLE
from tests.shadow.ledger.test_history import event

_WRITER = """
import os, sys
from migrator.shadow.ledger.postgres import PostgresLedger
from tests.shadow.ledger.test_history import event
with PostgresLedger.create(sys.argv[1], "LEDGER_URL", sys.argv[2]) as ledger:
    for at in range(100):
        ledger.record([event("assigned", at, job=f"{os.getpid()}-{at}"), event("available", at, job=f"shared-{at}")])
"""


def sql(server: str, statement: str) -> list[tuple]:
    with psycopg.connect(server, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_many_processes_make_and_write_one_ledger(ledger_server: str, on_postgres: str) -> None:
    command = [sys.executable, "-c", _WRITER, ledger_server, on_postgres]
    root = Path(__file__).parents[3]
    writers = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0)] * 4
    with PostgresLedger.open(ledger_server, VARIABLE, on_postgres) as ledger:
        events = list(ledger.events())
        assert len([e for e in events if e.kind == "assigned"]) == 400
        assert sorted(e.ts_ns for e in events if e.kind == "available") == list(range(100)), "what all of them saw is there once"
        assert ledger.missing_sequences() == {}, "though every one of them numbered it"


def test_threads_share_one_instance(ledger_server: str, on_postgres: str) -> None:
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda at: ledger.record([event("assigned", at, job=f"j{at}")]), range(200))) == 200
        assert sorted(e.seq for e in ledger.events()) == list(range(1, 201))


def test_a_server_that_goes_away_loses_nothing_that_was_acknowledged(ledger_server: str, on_postgres: str) -> None:
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        ledger.record([event("assigned", 1)])
        boot = ledger.boot_id
        sql(ledger_server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migrator ledger'")
        with pytest.raises(LedgerError, match=f"{VARIABLE} .Postgres., schema .*: the ledger's server does not answer") as caught:
            ledger.record([event("assigned", 1), event("started", 2)])
        assert "Run again" in str(caught.value)
        assert ledger.record([event("assigned", 1), event("started", 2)]) == 1, "the next call connects anew"
        assert [e.seq for e in ledger.events()] == [1, 1]
        assert ledger.boot_id != boot, "numbers whose commit nobody can vouch for are not given again"
        assert ledger.missing_sequences() == {}


def test_a_server_that_is_not_there() -> None:
    address = "postgresql://ann:secret@127.0.0.1:9/none"
    with pytest.raises(LedgerError, match="does not answer") as caught:
        PostgresLedger.create(address, VARIABLE, "x")
    assert "secret" not in str(caught.value)


def test_no_address() -> None:
    with pytest.raises(LedgerError, match="this is not a Postgres address") as caught:
        PostgresLedger.open("postgresql://ann:secret@db/x?nonsense=1", VARIABLE, "x")
    assert "secret" not in str(caught.value)


def test_a_user_without_rights(ledger_server: str, on_postgres: str) -> None:
    sql(ledger_server, "DROP ROLE IF EXISTS ledger_guest; CREATE ROLE ledger_guest LOGIN PASSWORD 'guest'")
    database = sql(ledger_server, "SELECT current_database()")[0][0]
    where = ledger_server.split("://")[1].rpartition("@")[2]
    guest = f"postgresql://ledger_guest:guest@{where}"
    try:
        sql(ledger_server, f'REVOKE CREATE ON DATABASE "{database}" FROM PUBLIC')
        with pytest.raises(LedgerError, match="this user may not do that") as caught:
            PostgresLedger.create(guest, VARIABLE, on_postgres)
        assert "Grant it" in str(caught.value)
        PostgresLedger.create(ledger_server, VARIABLE, on_postgres).close()
        with pytest.raises(LedgerError, match="may not"):
            PostgresLedger.open(guest, VARIABLE, on_postgres)
    finally:
        sql(ledger_server, "DROP ROLE ledger_guest")


def test_a_schema_that_is_somebody_elses(ledger_server: str, on_postgres: str) -> None:
    sql(ledger_server, f'CREATE SCHEMA "{schema_of(on_postgres)}"; CREATE TABLE "{schema_of(on_postgres)}".users (id int)')
    for opening in (PostgresLedger.open, PostgresLedger.create):
        with pytest.raises(LedgerError, match="this schema is not a ledger"):
            opening(ledger_server, VARIABLE, on_postgres)
    assert sql(ledger_server, f"SELECT count(*) FROM pg_tables WHERE schemaname = '{schema_of(on_postgres)}'") == [(1,)], "left as it was"  # noqa: S608


def test_an_empty_schema_that_an_administrator_made(ledger_server: str, on_postgres: str) -> None:
    sql(ledger_server, f'CREATE SCHEMA "{schema_of(on_postgres)}"')
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        assert ledger.record([event("assigned", 1)]) == 1


def test_a_ledger_of_a_later_version(ledger_server: str, on_postgres: str) -> None:
    PostgresLedger.create(ledger_server, VARIABLE, on_postgres).close()
    sql(ledger_server, f'UPDATE "{schema_of(on_postgres)}".ledger SET version = version + 1')  # noqa: S608
    for opening in (PostgresLedger.open, PostgresLedger.create):
        with pytest.raises(LedgerError, match=rf"version {VERSION + 1}, newer than this program's {VERSION}"):
            opening(ledger_server, VARIABLE, on_postgres)


def test_a_text_with_a_nul(ledger_server: str, on_postgres: str) -> None:
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        assert ledger.record([event("attempt_failed", 1, err_message="a\0b")]) == 1
        assert [e.err_message for e in ledger.events()] == ["a␀b"]


def test_setting_aside_keeps_everything(ledger_server: str, on_postgres: str) -> None:
    assert PostgresLedger.set_aside(ledger_server, VARIABLE, on_postgres) is None
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        ledger.record([event("assigned", 1)])
    kept = PostgresLedger.set_aside(ledger_server, VARIABLE, on_postgres)
    assert kept is not None
    schema = kept.rpartition(" ")[2]
    assert sql(ledger_server, f'SELECT count(*) FROM "{schema}".event') == [(1,)]  # noqa: S608
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        assert list(ledger.events()) == []
    sql(ledger_server, f'DROP SCHEMA "{schema}" CASCADE')


def test_every_column_is_an_event_field(ledger_server: str, on_postgres: str) -> None:
    PostgresLedger.create(ledger_server, VARIABLE, on_postgres).close()
    columns = sql(
        ledger_server,
        f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{schema_of(on_postgres)}' AND table_name = 'event'",  # noqa: S608
    )
    assert sorted(name for (name,) in columns) == sorted(("position", *Event.__struct_fields__))


def test_names_of_schemas_are_never_cut_off() -> None:
    names = [schema_of(experiment) for experiment in ("x" * 64, "x" * 63 + "y", "Ab-c.d", "shadow")]
    assert len(set(names)) == 4
    assert all(len(name.encode()) <= LONGEST_NAME for name in names)


def test_a_ledger_of_the_first_version_is_brought_up_to_date(ledger_server: str, on_postgres: str) -> None:
    name = f'"{schema_of(on_postgres)}"'
    sql(ledger_server, f"CREATE SCHEMA {name}; {STEPS[0].replace('{t}', name + '.')}")
    sql(ledger_server, f"INSERT INTO {name}.ledger VALUES ('1ed6e4a0', 1, 1)")  # noqa: S608
    with pytest.raises(LedgerError, match="version 1"):
        PostgresLedger.open(ledger_server, VARIABLE, on_postgres)
    with PostgresLedger.create(ledger_server, VARIABLE, on_postgres) as ledger:
        assert ledger.ledger_id == "1ed6e4a0"
        assert ledger.record([event("assigned", 1)]) == 1
        assert ledger.recorded() == 1
    assert sql(ledger_server, f"SELECT version FROM {name}.ledger") == [(VERSION,)]  # noqa: S608
    with pytest.raises(psycopg.IntegrityError, match="append-only"):
        sql(ledger_server, f"DELETE FROM {name}.event")  # noqa: S608
