"""The driver of pg_cron on the real one: commands of a minute, seen as they run. All of it happens in one minute, which is waited for."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from migrator.errors import MigratorError
from migrator.servers import postgres
from migrator.shadow.drivers.interface import EnqueueRefused
from tests.behaviour.shadow_stage import Watcher, own
from tests.pg_cron import pg_cron

pytestmark = pytest.mark.behaviour
BODY = """CREATE FUNCTION work(payload jsonb) RETURNS void LANGUAGE plpgsql AS $work$ BEGIN
    INSERT INTO done VALUES (payload ->> 'n', payload);
    IF payload ? 'wait' THEN PERFORM pg_advisory_xact_lock_shared((payload->>'wait')::int); END IF;
    IF payload ? 'poison' THEN RAISE EXCEPTION 'job % fails', payload ->> 'n'; END IF;
END $work$"""
OPTIONS = {"command": "SELECT work({payload})"}


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with pg_cron() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE done (n text, payload jsonb)")
        connection.execute(BODY)
        yield url


def watcher_of(database: str, **target: Any) -> Watcher:
    return Watcher("pg_cron", database, options=OPTIONS, max_attempts=None, retry_delay=None, **target)


def test_commands_of_a_minute(database: str) -> None:
    watcher = watcher_of(database).begin()
    with psycopg.connect(database, autocommit=True) as connection:
        while time.time() % 60 > 50:  # all of them into one minute
            time.sleep(0.2)
        connection.execute("SELECT pg_advisory_lock(7), pg_advisory_lock(8)")
        natives = {
            "plain": watcher.send("plain", text='it\'s \\ "so"'),
            "slow": watcher.send("slow", wait=7),
            "poison": watcher.send("poison", poison=True),
            "stopped": watcher.send("stopped", wait=8),
            "later": watcher.send("later", delay=600),
        }
        assert watcher.send("plain", text='it\'s \\ "so"') == natives["plain"], "a key is one job"
        connection.execute("SELECT cron.schedule('theirs', '* * * * *', $$INSERT INTO done VALUES ('theirs')$$)")
        copied = "SELECT cron.schedule('copy', '* * * * *', command) FROM cron.job WHERE jobname = %s"
        ((copy,),) = connection.execute(copied, (own("plain"),)).fetchall()
        ((due,),) = connection.execute("SELECT schedule FROM cron.job WHERE jobname = %s", (own("later"),)).fetchall()
        minute, hour, *_ = map(int, due.split()[:4])
        expected = datetime.now(UTC) + timedelta(seconds=600)
        assert (hour * 60 + minute - expected.hour * 60 - expected.minute) % 1440 in (1, 2), "the first whole minute after its delay"
        watcher.look()
        assert {key: watcher.kinds(key) for key in natives} == {**{key: ["available"] for key in natives}, "later": ["delayed"]}
        assert watcher.driver.inspect(own("slow"), natives["slow"]).standing == "waiting"
        assert watcher.driver.counts()["scheduled"] == 7
        other = watcher_of(database)
        other.cursor = other.driver.watch(watcher.cursor)
        watcher.wait(lambda: "started" in watcher.kinds("stopped") and "started" in watcher.kinds("slow"), "the minute")
        begun = time.monotonic()
        assert watcher.driver.inspect(own("slow"), None).standing == "active"
        connection.execute("SELECT cron.unschedule(%s)", (own("stopped"),))
        connection.execute("SELECT cron.unschedule('theirs')")
        watcher.wait_for_ends("poison")
        held = time.monotonic() - begun
        # What was taken out of the schedule is still at it when pg_cron sees that.
        watcher.wait(lambda: watcher.kinds("stopped")[-1] == "cancelled", "the end of what was stopped")
        connection.execute("SELECT pg_advisory_unlock(7), pg_advisory_unlock(8)")
        watcher.wait_for_ends("slow")
        watcher.wait_for_ends("plain", count=2)
        connection.execute("SELECT cron.unschedule('copy')")
        assert watcher.kinds("slow") == ["available", "started", "completed"]
        started, completed = watcher.of("slow")[1:]
        assert completed.ts_ns - started.ts_ns >= held * 10**9
        assert {s.native_id for s in watcher.of("plain")} == {natives["plain"], str(copy)}
        last = watcher.of("poison")[-1]
        assert (last.kind, last.err_type, last.err_message) == ("discarded", None, "job poison fails")
        assert watcher.driver.inspect(own("poison"), None).err_message == "job poison fails"
        assert watcher.driver.inspect(own("stopped"), natives["stopped"]).standing == "cancelled"
        assert watcher.driver.inspect(own("plai"), None).standing == "absent", "a key that another begins with"
        ran = dict(connection.execute("SELECT n, payload FROM done").fetchall())
        assert ran["plain"]["text"] == 'it\'s \\ "so"'
        assert {s.job_key for s in watcher.sightings} == {own(key) for key in natives}
        # What has run is out of the schedule; what has not goes with the experiment.
        watcher.look()
        assert connection.execute("SELECT jobname::text FROM cron.job").fetchall() == [(own("later"),)]
        # Another observer that goes on from before sees the same, under the same ids.
        other.look()
        seen = {s.id for s in watcher.sightings if s.kind not in ("available", "delayed")}
        assert {s.id for s in other.sightings} == seen
        watcher.driver.unwatch()
        assert connection.execute("SELECT count(*) FROM cron.job").fetchone() == (0,)
        assert watcher.driver.inspect(own("later"), natives["later"]).standing == "absent"
    watcher.close()
    other.close()


def test_a_minute_that_was_passed_by_is_not_known_to_be(database: str) -> None:
    watcher = watcher_of(database).begin()
    native = watcher.send("passed")
    watcher.driver._due[native] = (time.time_ns() - 120 * 10**9) // 1000
    assert watcher.driver.inspect(own("passed"), native).standing == "unknown"
    watcher.driver.unwatch()
    watcher.close()


def test_what_makes_no_sense(database: str) -> None:
    with pytest.raises(MigratorError, match=r"(?s)what pg_cron is to run for a job is not said.*\{payload\}"):
        Watcher("pg_cron", database, options={"command": "select 1"}, max_attempts=None)
    with pytest.raises(MigratorError, match="pg_cron runs a command once, not up to 3 times"):
        Watcher("pg_cron", database, options=OPTIONS)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE nobody LOGIN PASSWORD 'x'")
    stranger = watcher_of(database.replace("postgres:", "nobody:", 1).replace(database.split(":")[2].split("@")[0], "x"))
    with pytest.raises(EnqueueRefused, match="permission denied for schema cron"):
        stranger.send("x")
    stranger.close()


def test_a_database_without_pg_cron() -> None:
    with postgres() as url, pytest.raises(MigratorError, match=r"there is no pg_cron 1\.4 or newer in this database"):
        watcher_of(url).begin()
