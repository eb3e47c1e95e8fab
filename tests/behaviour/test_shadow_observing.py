"""Observing at its limits: transactions that commit late, triggers that fail, trimmed streams, workers that die with a job in hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from migrator.servers import postgres, redis
from migrator.shadow.drivers import pg_boss
from tests.behaviour.shadow_stage import TABLE_OPTIONS, Watcher, marked, own, worker

pytestmark = pytest.mark.behaviour
MAKE_TABLE = """CREATE TABLE tasks (id text PRIMARY KEY, kind text, body jsonb, state text DEFAULT 'PENDING', attempts int DEFAULT 0,
    max_attempts int DEFAULT 1, run_at timestamptz DEFAULT now(), last_error text, touched timestamptz)"""


@pytest.fixture(scope="module")
def postgres_server() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def database(postgres_server: str) -> str:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS stage WITH (FORCE)")
        connection.execute("CREATE DATABASE stage")
    return postgres_server.rsplit("/", 1)[0] + "/stage"


@pytest.fixture
def watched(database: str) -> Generator[tuple[Watcher, psycopg.Connection]]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(MAKE_TABLE)
        watcher = Watcher("postgres-table", database).begin()
        yield watcher, connection
        watcher.close()


def put(connection: psycopg.Connection, key: str, **payload: object) -> None:
    from psycopg.types.json import Jsonb

    connection.execute("INSERT INTO tasks (id, kind, body) VALUES (%s, 'task', %s)", (own(key), Jsonb(marked(key, **payload))))


def test_a_transaction_that_commits_late_is_not_passed_by(watched: tuple[Watcher, psycopg.Connection], database: str) -> None:
    watcher, connection = watched
    with psycopg.connect(database) as slow:
        put(slow, "early number, late commit")
        put(connection, "late number, early commit")
        watcher.look()
        assert [s.job_key for s in watcher.sightings] == [own("late number, early commit")]
        slow.commit()
    watcher.look()
    assert [s.job_key for s in watcher.sightings] == [own("late number, early commit"), own("early number, late commit")]


def test_a_transaction_that_rolls_back_leaves_no_trace(watched: tuple[Watcher, psycopg.Connection], database: str) -> None:
    watcher, _ = watched
    with psycopg.connect(database) as undecided:
        put(undecided, "never was")
        undecided.rollback()
    watcher.look()
    assert watcher.sightings == []


def test_the_application_does_not_notice_a_trigger_that_fails(watched: tuple[Watcher, psycopg.Connection]) -> None:
    watcher, connection = watched
    connection.execute("DROP TABLE migrator_shadow.transition")
    put(connection, "fine")
    connection.execute("UPDATE tasks SET state = 'RUNNING'")
    assert connection.execute("SELECT state FROM tasks").fetchone() == ("RUNNING",)
    watcher.begin()
    connection.execute("UPDATE tasks SET state = 'COMPLETED'")
    watcher.look()
    assert watcher.kinds("fine") == ["completed"], "what was missed is not made up"


def test_an_application_role_without_rights_on_our_log(watched: tuple[Watcher, psycopg.Connection], database: str) -> None:
    watcher, connection = watched
    connection.execute("DROP ROLE IF EXISTS application")
    connection.execute("CREATE ROLE application")
    connection.execute("GRANT INSERT, SELECT ON tasks TO application")
    with psycopg.connect(database, autocommit=True) as application:
        application.execute("SET ROLE application")
        put(application, "from below")
    watcher.look()
    assert watcher.kinds("from below") == ["available"]


def test_only_what_matters_is_logged(watched: tuple[Watcher, psycopg.Connection]) -> None:
    watcher, connection = watched
    put(connection, "one")
    connection.execute("UPDATE tasks SET touched = now(), attempts = 7")
    connection.execute("UPDATE tasks SET state = 'RUNNING'")
    connection.execute("UPDATE tasks SET state = 'COMPLETED', last_error = 'an old one'")
    rows = connection.execute("SELECT old_state, new_state, error FROM migrator_shadow.transition ORDER BY id").fetchall()
    assert rows == [(None, "PENDING", None), ("PENDING", "RUNNING", None), ("RUNNING", "COMPLETED", None)]
    watcher.look()
    assert connection.execute("SELECT count(*) FROM migrator_shadow.transition").fetchone() == (0,), "the log is emptied as it is read"


def test_watching_leaves_nothing_behind(watched: tuple[Watcher, psycopg.Connection], database: str) -> None:
    watcher, connection = watched
    other = Watcher("postgres-table", database, arm="other").begin()
    put(connection, "both see it")
    for each in (watcher, other):
        each.look()
        assert each.kinds("both see it") == ["available"]
    watcher.driver.unwatch()
    put(connection, "one sees it")
    other.look()
    assert other.kinds("one sees it") == ["available"]
    other.driver.unwatch()
    left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'migrator_shadow'").fetchone()
    triggers = connection.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'migrator%'").fetchone()
    assert (left, triggers) == ((0,), (0,))
    watcher.driver.unwatch()
    other.close()


def test_a_payload_that_is_text_and_a_table_that_numbers_its_rows(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            MAKE_TABLE.replace("id text", "id bigserial").replace("body jsonb", "body text").replace("timestamptz", "timestamp")
        )
        watcher = Watcher("postgres-table", database, options={**TABLE_OPTIONS, "run_at": "run_at"}).begin()
        native = watcher.send("numbered", delay=30)
        assert native == "1"
        watcher.look()
        (delayed,) = watcher.of("numbered")
        assert (delayed.kind, delayed.native_id) == ("delayed", "1")
        assert delayed.until_ns is not None
        assert abs(delayed.until_ns - delayed.ts_ns - 30 * 10**9) < 10 * 10**9
        assert watcher.driver.inspect(own("numbered"), None).standing == "waiting", "found by the mark in its payload"
        connection.execute("UPDATE tasks SET state = 'RUNNING'")
        assert watcher.driver.inspect(own("numbered"), native).standing == "active"
        connection.execute("SET timezone = 'America/New_York'")
        connection.execute("UPDATE tasks SET state = 'PENDING', run_at = timezone('utc', now()) + interval '1 hour'")
        watcher.look()
        again = watcher.of("numbered")[-1]
        assert again.kind == "delayed"
        assert again.until_ns is not None
        assert abs(again.until_ns - again.ts_ns - 3600 * 10**9) < 60 * 10**9, "whatever time zone the application's session has"
        watcher.driver.unwatch()
        watcher.close()


def test_many_transitions_are_read_in_several_goes(watched: tuple[Watcher, psycopg.Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, connection = watched
    for number in range(5):
        put(connection, f"n{number}")
    # One transaction is never cut in two: a failure that is written as two changes has both in it.
    connection.execute(
        "INSERT INTO tasks (id, kind, body) SELECT 'led-' || n, 'task',"
        " jsonb_build_object('__shadow', jsonb_build_object('ledger', %s::text, 'key', %s || n)) FROM generate_series(1, 6000) n",
        (watcher.driver._target.ledger_id, own("bulk-")),
    )
    watcher.look()
    assert len(watcher.sightings) == 6005
    connection.execute("DELETE FROM tasks")
    watcher.look()
    watcher.look()
    assert len(watcher.sightings) == 12010


def test_pg_boss_copies_the_queue_s_settings_and_knows_its_policies(database: str, tmp_path: Path) -> None:
    with worker("pg-boss", tmp_path, {"DATABASE_URL": database}), psycopg.connect(database, autocommit=True) as connection:
        connection.execute("""UPDATE pgboss.queue SET retry_limit = 7, expire_seconds = 33, retry_backoff = true WHERE name = 'tasks'""")
        watcher = Watcher("pg-boss", database, max_attempts=None, retry_delay=None).begin()
        native = watcher.send("settings", delay=60)
        columns = "retry_limit, retry_delay, retry_backoff, expire_seconds, policy, extract(day FROM keep_until - start_after)::int"
        found = connection.execute(f"SELECT {columns} FROM pgboss.job WHERE id::text = %s", (native,)).fetchone()  # noqa: S608
        assert found == (7, 1, True, 33, "standard", 14)
        watcher.driver.unwatch()
        watcher.close()
        assert connection.execute("SELECT pgboss.create_queue('alone', '{\"policy\": \"exclusive\"}'::jsonb)")
        only = Watcher("pg-boss", database, queue="alone").begin()
        only.send("first", delay=60)
        only.send("first", delay=60)
        from migrator.shadow.drivers.interface import EnqueueRefused

        with pytest.raises(EnqueueRefused, match="the policy of queue alone lets no further job in"):
            only.send("second", delay=60)
        connection.execute("DELETE FROM pgboss.job WHERE name = 'alone'")
        connection.execute("DELETE FROM pgboss.queue WHERE name = 'alone'")
        with pytest.raises(EnqueueRefused, match="there is no queue alone"):
            only.send("third")
        only.driver.unwatch()
        only.close()


def test_pg_boss_errors_are_read_as_it_writes_them() -> None:
    assert pg_boss.read_error('{"name":"Error","message":"a","stack":"Error: a\\n at x"}') == ("Error", "a")
    assert pg_boss.read_error('{"message":"a","stack":"RangeError: a\\n at x"}') == ("RangeError", "a")
    assert pg_boss.read_error('{"value":{"deep":1}}') == (None, "{'deep': 1}")
    assert pg_boss.read_error('"text"') == (None, "text")
    assert pg_boss.read_error('{"message": "cut o') == (None, '{"message": "cut o')


@pytest.fixture
def redis_server() -> Generator[str]:
    with redis() as url:
        yield url


def test_a_trimmed_stream_is_a_gap_and_is_told(redis_server: str) -> None:
    watcher = Watcher("bullmq", redis_server)
    watcher.send("before")
    watcher.begin()
    watcher.send("seen")
    watcher.look()
    assert watcher.kinds("seen") == ["available"]
    with redis_client.Redis.from_url(redis_server) as client:
        for key in ("missed", "also"):
            watcher.send(key)
        client.xtrim("bull:tasks:events", maxlen=1, approximate=False)
    watcher.look()
    assert watcher.kinds("missed") == []
    assert watcher.kinds("also") == ["available"]
    assert len(watcher.gaps) == 1
    assert "trimmed past" in watcher.gaps[0]
    watcher.send("after")
    watcher.look()
    assert len(watcher.gaps) == 1, "told once"
    watcher.close()


def test_jobs_that_are_removed_when_they_complete_are_still_seen(redis_server: str, tmp_path: Path) -> None:
    watcher = Watcher("bullmq", redis_server).begin()
    with worker("bullmq", tmp_path, {"REDIS_URL": redis_server}, REMOVE="1"):
        native = watcher.send("fleeting", fail=1)
        watcher.wait_for_ends("fleeting")
    assert watcher.driver.inspect(own("fleeting"), native).standing == "absent"
    assert watcher.kinds("fleeting") == ["available", "started", "attempt_failed", "delayed", "available", "started", "completed"]
    watcher.close()


def test_a_worker_that_dies_with_a_job_in_hand(redis_server: str, tmp_path: Path) -> None:
    watcher = Watcher("bullmq", redis_server).begin()
    with worker("bullmq", tmp_path, {"REDIS_URL": redis_server}, LOCK_MS="3000") as first:
        native = watcher.send("deadly", die=True)
        watcher.wait(lambda: first.ended() is not None, "the worker's death")
    watcher.look()
    assert watcher.kinds("deadly") == ["available", "started"]
    assert watcher.driver.inspect(own("deadly"), native).standing == "active"
    with worker("bullmq", tmp_path, {"REDIS_URL": redis_server}, LOCK_MS="3000", IMMORTAL="1"):
        watcher.wait_for_ends("deadly")
    assert watcher.kinds("deadly") == ["available", "started", "stalled", "available", "started", "completed"]
    watcher.close()


def test_a_store_that_comes_back_is_used_again(tmp_path: Path) -> None:
    """The connection breaks in mid-use; the same driver goes on when the server is there again."""
    from migrator.shadow.drivers.interface import StoreDown

    with postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(MAKE_TABLE)
        watcher = Watcher("postgres-table", url).begin()
        watcher.send("one")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migrator shadow'")
        with pytest.raises(StoreDown):
            watcher.send("two")
        with pytest.raises(StoreDown):
            watcher.look()
        watcher.send("two")
        watcher.look()
        assert (watcher.kinds("one"), watcher.kinds("two")) == (["available"], ["available"])
        watcher.close()


def test_a_store_that_hangs_is_given_up_in_time(database: str) -> None:
    """Another session holds the table locked: the call ends with the timeout, and says so."""
    from migrator.shadow.drivers.interface import StoreDown

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(MAKE_TABLE)
    watcher = Watcher("postgres-table", database, timeout=3.0).begin()
    released = threading.Event()
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreDown, match="timeout"):
            watcher.send("blocked")
        holder.rollback()
        released.set()
    watcher.send("blocked")
    watcher.look()
    assert watcher.kinds("blocked") == ["available"]
    watcher.close()


def test_rq_s_worker_dies_with_a_job_in_hand(redis_server: str, tmp_path: Path) -> None:
    """RQ takes the job for running until its maintenance finds that nobody says so any more; then it is tried again, or has failed."""
    from rq.registry import StartedJobRegistry

    watcher = Watcher("rq", redis_server).begin()
    once = Watcher("rq", redis_server, max_attempts=1).begin()
    for each, key in ((watcher, "deadly"), (once, "fatal")):
        with worker("rq", tmp_path, {"REDIS_URL": redis_server}, KILL="worker") as first:
            native = each.send(key, die=True)
            each.wait(lambda first=first: first.ended() is not None, "the worker's death")
        each.look()
        assert each.kinds(key) == ["available", "started"]
        assert each.driver.inspect(own(key), native).standing == "active"
    with redis_client.Redis.from_url(redis_server) as client, worker("rq", tmp_path, {"REDIS_URL": redis_server}, IMMORTAL="1"):
        StartedJobRegistry("tasks", connection=client).cleanup(timestamp=time.time() + 3600)
        watcher.wait_for_ends("deadly")
        once.wait_for_ends("fatal")
    assert watcher.kinds("deadly") == ["available", "started", "stalled", "delayed", "available", "started", "completed"]
    assert once.kinds("fatal") == ["available", "started", "discarded"]
    last = once.of("fatal")[-1]
    assert "AbandonedJobError" in (last.err_message or "")
    assert last.ts_ns > once.of("fatal")[1].ts_ns
    watcher.close()
    once.close()


def test_rq_s_work_horse_dies_alone(redis_server: str, tmp_path: Path) -> None:
    """The process of the job is killed, as by the kernel for its memory: the worker sees it and gives the job back."""
    watcher = Watcher("rq", redis_server, max_attempts=2).begin()
    with worker("rq", tmp_path, {"REDIS_URL": redis_server}):
        watcher.send("hungry", die=True)
        watcher.wait_for_ends("hungry")
    assert [kind for kind in watcher.kinds("hungry") if kind in ("started", "completed", "discarded")] == [
        "started",
        "started",
        "discarded",
    ]
    assert "signal 9" in (watcher.of("hungry")[-1].err_message or "")
    assert watcher.gaps == []
    watcher.close()


@pytest.mark.parametrize("acks", ["early", "late"])
def test_celery_s_worker_dies_with_a_task_in_hand(redis_server: str, tmp_path: Path, acks: str) -> None:
    """Acknowledged early, the task is nowhere any more; acknowledged late, Redis has it until the visibility timeout is over."""
    watcher = Watcher("celery", redis_server).begin()
    late = {"ACKS_LATE": "1"} if acks == "late" else {}
    hold = tmp_path / "hold"
    with worker("celery", tmp_path, {"REDIS_URL": redis_server}, HOLD=str(hold), **late) as first:
        native = watcher.send("deadly", hold=True, die=True)
        watcher.wait(lambda: "started" in watcher.kinds("deadly"), "the start")
        assert watcher.driver.inspect(own("deadly"), native).standing == "active"
        hold.touch()
        watcher.wait(lambda: first.ended() is not None, "the worker's death")
    watcher.look()
    time.sleep(2.1)  # a survey answers for two seconds
    assert watcher.kinds("deadly") == ["available", "started"]
    assert watcher.driver.inspect(own("deadly"), native).standing == ("absent" if acks == "early" else "active")
    watcher.close()


def test_celery_workers_that_send_no_events_are_asked_to(redis_server: str, tmp_path: Path) -> None:
    """And no longer than it takes: afterwards they are as they were."""
    with worker("celery", tmp_path, {"REDIS_URL": redis_server}, EVENTS="off"):
        watcher = Watcher("celery", redis_server).begin()
        watcher.send("seen")
        watcher.wait_for_ends("seen")
        watcher.driver.unwatch()
        native = watcher.send("unseen")
        watcher.wait(lambda: watcher.driver.inspect(own("unseen"), native).standing == "completed", "the end")
        watcher.look()
        assert watcher.kinds("unseen") == ["available"], "found when it is asked for"
        watcher.close()


def test_celery_s_redis_goes_and_comes_back(redis_server: str, tmp_path: Path) -> None:
    """What was sent while nobody listened is a gap, and is told once."""
    from migrator.shadow.drivers.interface import StoreDown

    watcher = Watcher("celery", redis_server).begin()
    with redis_client.Redis.from_url(redis_server) as client:
        client.client_kill_filter(_type="pubsub")
    with pytest.raises(StoreDown):
        watcher.wait(lambda: False, "the loss of the connection")
    watcher.send("after")
    watcher.wait(lambda: bool(watcher.gaps), "the gap")
    watcher.send("heard")
    watcher.wait(lambda: watcher.kinds("heard") == ["available"], "an event")
    assert len(watcher.gaps) == 1
    watcher.close()


def test_bull_jobs_under_its_own_ids_that_are_removed_when_they_end(redis_server: str, tmp_path: Path) -> None:
    """As an application puts them itself, with the mark in the payload: nothing of them is left to look at."""
    watcher = Watcher("bull", redis_server).begin()
    with worker("bull", tmp_path, {"REDIS_URL": redis_server}):
        for key, extra in (("fleeting", {"fail": 1}), ("hopeless", {"poison": True})):
            options = {"attempts": 2, "backoff": 200, "removeOnComplete": True, "removeOnFail": True}
            assert watcher.driver._node.add("task", marked(key, **extra), options).isdigit()
        watcher.wait_for_ends("fleeting", "hopeless")
        watcher.driver._node.add("task", {"n": "somebody else's"}, {})
    course = ["available", "started", "attempt_failed", "delayed", "available", "started"]
    assert watcher.kinds("fleeting") == [*course, "completed"]
    assert watcher.kinds("hopeless") == [*course, "discarded"]
    assert [s.err_message for s in watcher.of("hopeless") if s.err_message] == [
        *("job hopeless fails on attempt 1", "job hopeless fails on attempt 2")
    ]
    for sighting in (watcher.of("fleeting")[-1], watcher.of("hopeless")[-1]):
        assert watcher.driver.inspect(sighting.job_key, sighting.native_id).standing == "absent"
    watcher.look()
    assert {s.job_key for s in watcher.sightings} == {own("fleeting"), own("hopeless")}
    watcher.close()


def test_bull_s_worker_dies_with_a_job_in_hand(redis_server: str, tmp_path: Path) -> None:
    watcher = Watcher("bull", redis_server).begin()
    with worker("bull", tmp_path, {"REDIS_URL": redis_server}, LOCK_MS="3000") as first:
        native = watcher.send("deadly", ms=500, die=True)
        watcher.wait(lambda: first.ended() is not None, "the worker's death")
    watcher.look()
    assert watcher.kinds("deadly") == ["available", "started"]
    assert watcher.driver.inspect(own("deadly"), native).standing == "active"
    with redis_client.Redis.from_url(redis_server) as client:
        watcher.wait(lambda: not client.exists(f"bull:calls:{native}:lock"), "the end of its lock")
    watcher.look()
    assert watcher.kinds("deadly") == ["available", "started"], "its lock is over, and nobody has noticed yet"
    with worker("bull", tmp_path, {"REDIS_URL": redis_server}, LOCK_MS="3000", IMMORTAL="1"):
        watcher.wait_for_ends("deadly")
    assert watcher.kinds("deadly") == ["available", "started", "stalled", "available", "started", "completed"]
    assert watcher.gaps == []
    watcher.close()


def test_what_bull_publishes_while_nobody_listens_is_a_gap_and_jobs_are_looked_at(redis_server: str, tmp_path: Path) -> None:
    from migrator.shadow.drivers.interface import StoreDown

    watcher = Watcher("bull", redis_server).begin()
    watcher.send("before", delay=0.5)
    watcher.look()
    with redis_client.Redis.from_url(redis_server) as client:
        client.client_kill_filter(_type="pubsub")
    with pytest.raises(StoreDown):
        watcher.wait(lambda: False, "the loss of the connection")
    with worker("bull", tmp_path, {"REDIS_URL": redis_server}):
        until = time.monotonic() + 60
        while watcher.driver.inspect(own("before"), None).standing != "completed" and time.monotonic() < until:
            time.sleep(0.05)
        watcher.look()
        watcher.send("after")
        watcher.wait_for_ends("after")
    assert watcher.kinds("before") == ["delayed", "started", "completed"], "when it became available nobody knows"
    assert watcher.kinds("after") == ["available", "started", "completed"]
    (gap,) = watcher.gaps
    assert "nobody listened to what Bull publishes between" in gap
    watcher.close()


def test_the_application_s_own_package_puts_jobs_or_it_is_said_why_not(redis_server: str, tmp_path: Path) -> None:
    from migrator.errors import MigratorError
    from migrator.shadow.drivers.interface import EnqueueRefused

    empty = Watcher("bull", redis_server, options={"folder": str(tmp_path)}).begin()
    with pytest.raises(MigratorError, match=r"(?s)there is no package bull in .*Set `folder` to the folder of the application"):
        empty.send("nowhere")
    empty.close()
    watcher = Watcher("bull", redis_server).begin()
    assert watcher.send("one") == own("one")
    # A process that is gone is started anew.
    watcher.driver._node._process.kill()
    watcher.driver._node._process.wait()
    assert watcher.send("two") == own("two")
    with pytest.raises(EnqueueRefused, match="Invalid characters"):
        watcher.driver._node.add("task", {}, {"repeat": {"cron": "no"}})
    watcher.close()
    assert watcher.driver._node._process is None
