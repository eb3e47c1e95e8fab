"""What is Procrastinate's own: workers that die with a job, jobs that are deleted when they are done, and tables elsewhere."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from procrastinate import App, SyncPsycopgConnector
from psycopg import sql

from migrator.errors import MigratorError
from migrator.servers import postgres
from migrator.shadow.drivers.interface import EnqueueRefused, StoreDown
from tests.behaviour.shadow_stage import LEDGER, Watcher, own, worker

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def watcher(address: str, tmp_path: Path) -> Generator[Watcher]:
    """A driver on tables that a worker has made; no worker runs."""
    with worker("procrastinate", tmp_path, {"DATABASE_URL": address}):
        pass
    watcher = Watcher("procrastinate", address).begin()
    yield watcher
    watcher.driver.unwatch()
    watcher.close()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")


def test_a_job_whose_worker_was_killed_was_taken_from_it(watcher: Watcher, address: str, tmp_path: Path) -> None:
    """Procrastinate leaves it to the application to find such jobs; until it does, the job is running for all that the database says."""
    native = watcher.send("held", die=True)
    with worker("procrastinate", tmp_path, {"DATABASE_URL": address}) as running:
        watcher.wait(lambda: running.ended() is not None, "the end of the worker")
    watcher.look()
    assert watcher.driver.inspect(own("held"), None).standing == "active"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    with App(connector=SyncPsycopgConnector(conninfo=address)).open() as app:
        app.job_manager.retry_job_by_id(int(native), retry_at=datetime.now(UTC))
    watcher.wait(lambda: len(watcher.kinds("held")) >= 4, "the job's return")
    assert watcher.kinds("held")[:3] == ["available", "started", "stalled"]
    assert watcher.driver.inspect(own("held"), None).standing == "waiting"


def test_a_job_that_is_put_back_by_hand_while_its_worker_lives_has_failed(watcher: Watcher, address: str) -> None:
    watcher.send("back")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")
        connection.execute("UPDATE procrastinate_jobs SET status = 'todo', attempts = 1")
    watcher.look()
    assert watcher.kinds("back") == ["available", "started", "attempt_failed", "available"]


def test_a_job_that_is_deleted_when_it_is_done(watcher: Watcher, address: str, tmp_path: Path) -> None:
    deleting = Watcher("procrastinate", address, arm="deleting", options={"delete_jobs": "successful"}).begin()
    with worker("procrastinate", tmp_path, {"DATABASE_URL": address}, PROCRASTINATE_WORKER_DELETE_JOBS="successful"):
        native = deleting.send("gone")
        deleting.wait_for_ends("gone")
        assert deleting.kinds("gone") == ["available", "started", "completed"]
        assert deleting.send("gone") == native, "it is not sent again, though its row is gone"
        deleting.send("poison", poison=True)
        deleting.wait_for_ends("poison")
        assert deleting.kinds("poison")[-1] == "discarded", "what failed is kept"
    watcher.look()
    assert watcher.kinds("gone") == ["available", "started", "removed"], "whoever is not told so calls it removed"
    deleting.driver.unwatch()
    deleting.close()


def test_jobs_are_known_by_either_mark(watcher: Watcher, address: str) -> None:
    other = Watcher("procrastinate", address, options={"mark": "argument"})
    marked = other.send("argument", deep=1)
    plain = watcher.send("lock", deep=1)
    watcher.look()
    assert (watcher.kinds("argument"), watcher.kinds("lock")) == (["available"], ["available"])
    assert other.driver.inspect(own("argument"), None).standing == "waiting"
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT id::text, queueing_lock, args FROM procrastinate_jobs ORDER BY id").fetchall()
    assert rows == [
        (marked, None, {"n": "argument", "deep": 1, "__shadow": {"ledger": LEDGER, "key": own("argument")}}),
        (plain, own("lock"), {"n": "lock", "deep": 1}),
    ]
    other.close()


def test_a_job_that_another_driver_sent_is_not_sent_again(watcher: Watcher, address: str) -> None:
    """As after an interrupted run: while it waits, its lock keeps a second one out."""
    native = watcher.send("once", delay=600)
    other = Watcher("procrastinate", address)
    assert other.send("once") == native
    assert other.driver.counts() == {"todo": 1}
    other.close()


def test_a_lock_of_the_application_is_no_mark(watcher: Watcher, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for lock in (f"{LEDGER}x-1", f"x{LEDGER}-1", LEDGER, None):
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES ('tasks', 'task', %s)", (lock,)
            )
    watcher.look()
    assert watcher.sightings == []


def test_aborted_and_cancelled(watcher: Watcher, address: str) -> None:
    first, second = watcher.send("cancelled"), watcher.send("aborted")
    with App(connector=SyncPsycopgConnector(conninfo=address)).open() as app:
        app.job_manager.cancel_job_by_id(int(first))
    with psycopg.connect(address, autocommit=True) as connection:
        for change in ("status = 'doing'", "abort_requested = true", "status = 'aborted', abort_requested = false"):
            connection.execute(f"UPDATE procrastinate_jobs SET {change} WHERE id = %s", (second,))  # noqa: S608
    watcher.look()
    assert (watcher.kinds("cancelled"), watcher.kinds("aborted")) == (["available", "cancelled"], ["available", "started", "cancelled"])
    record = watcher.driver.inspect(own("aborted"), second)
    assert record.standing == "cancelled"
    assert record.ended_ns is not None
    assert abs(record.ended_ns - time.time_ns()) < 60_000_000_000


def test_what_postgres_refuses_is_told_from_an_outage(watcher: Watcher, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE procrastinate_jobs ADD CONSTRAINT never CHECK (queue_name <> 'never')")
    refused = Watcher("procrastinate", address, queue="never")
    with pytest.raises(EnqueueRefused, match="violates check constraint"):
        refused.send("refused")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE procrastinate_jobs DROP CONSTRAINT never")
    assert refused.send("refused"), "the connection is as good as before"
    refused.close()


def test_a_server_that_has_become_a_standby_is_down_until_the_other_one_is_found(watcher: Watcher, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        try:
            with pytest.raises(StoreDown, match="read-only"):
                watcher.send("standby", delay=600)
        finally:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    assert watcher.send("standby", delay=600)


def test_tables_that_are_not_there_or_are_of_another_version(address: str) -> None:
    with pytest.raises(MigratorError, match=r"there is no Procrastinate in schema no where of this database\n  Apply its schema first"):
        Watcher("procrastinate", address, options={"schema": "no where"}).begin()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS old CASCADE")
        connection.execute("CREATE SCHEMA old")
        connection.execute(
            "CREATE TABLE old.procrastinate_jobs (id bigint, queue_name text, task_name text, queueing_lock text, args jsonb)"
        )
    with pytest.raises(MigratorError, match=r"older than version 3 \(its jobs have no status\)"):
        Watcher("procrastinate", address, options={"schema": "old"}).begin()


def test_tables_in_a_schema_of_their_own(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('DROP SCHEMA IF EXISTS "my jobs" CASCADE')
        connection.execute('CREATE SCHEMA "my jobs"')
    with App(connector=SyncPsycopgConnector(conninfo=address, kwargs={"options": '-c search_path="my\\ jobs"'})).open() as app:
        app.schema_manager.apply_schema()
    watcher = Watcher("procrastinate", address, options={"schema": "my jobs"}).begin()
    watcher.send("elsewhere")
    watcher.look()
    assert watcher.kinds("elsewhere") == ["available"]
    assert watcher.driver.counts() == {"todo": 1}
    watcher.driver.unwatch()
    watcher.close()


def test_a_connection_that_is_cut_is_made_anew(watcher: Watcher, address: str) -> None:
    """What was sent and what was noted is there again; what could not be asked meanwhile is said to be down."""
    watcher.send("before", delay=600)
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migrator shadow'")
    with pytest.raises(StoreDown):
        watcher.look()
    with pytest.raises(StoreDown):
        watcher.send("cut off", delay=600)
    watcher.send("after", delay=600)
    watcher.look()
    assert (watcher.kinds("before"), watcher.kinds("after"), watcher.kinds("cut off")) == (["delayed"], ["delayed"], [])
