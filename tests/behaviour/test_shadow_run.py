"""Whole runs over three real systems: every job accounted for, whatever happens on the way."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from migrator.servers import Servers, postgres, redis, servers
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.drivers.interface import Assignment
from migrator.shadow.ledger import LedgerError, SqliteLedger
from migrator.shadow.run.running import run_experiment
from tests.behaviour.shadow_run import ARMS, MIGRATE, Experiment, fresh_database, kill_postgres
from tests.behaviour.shadow_stage import Watcher

pytestmark = pytest.mark.behaviour
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stores() -> Generator[Servers]:
    with servers() as running:
        yield running


@pytest.fixture
def make(stores: Servers, tmp_path: Path) -> Generator[Callable[..., Experiment]]:
    """Makes an experiment on a database and a Redis of its own."""
    number = next(_numbers)
    made: list[Experiment] = []

    def experiment(**settings) -> Experiment:
        addresses = {"postgres": fresh_database(stores.postgres, f"run{number}"), "redis": f"{stores.redis.rsplit('/', 1)[0]}/{number}"}
        made.append(Experiment(tmp_path, **{**addresses, **settings}))
        return made[-1]

    yield experiment
    for each in made:
        each.end()
    assert [pid for experiment in made for pid in experiment.workers()] == [], "no worker outlives its run"


def assert_accounted(experiment: Experiment, total: int) -> None:
    """The law holds in every arm, and the arms together hold every job once."""
    books = experiment.books()
    assert all(account.holds for account in books.values()), [account.sentence() for account in books.values()]
    assert sum(account.assigned for account in books.values()) == total
    with experiment.ledger() as ledger:
        assert ledger.missing_sequences() == {}
    keys = [job.job_key for job in experiment.jobs()]
    assert len(set(keys)) == len(keys) == total


def test_every_job_ends_and_the_ledger_says_what_the_workers_say(make: Callable[..., Experiment]) -> None:
    experiment = make(count=54)
    out, err = experiment.run()
    assert_accounted(experiment, 54)
    assert "Every one of 54 jobs is accounted for." in out
    assert "sending 54 jobs at 30 a second" in err
    jobs = experiment.jobs()
    assert Counter(job.label for job in jobs) == {"quick": 36, "fails once": 12, "poison": 6}
    fate = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3)}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fate[job.label or ""]) for job in jobs]
    assert experiment.seen() == experiment.effects(), "each body that ran is in the ledger, and nothing else"
    for job in jobs:
        assert job.wait_ns is not None
        assert job.wait_ns > -5_000_000
        assert job.end_to_end_ns is not None
        assert all(attempt.run_ns is not None for attempt in job.attempts)
    with experiment.ledger() as ledger:
        assert [arm.arm for arm in ledger.arms()] == list(ARMS)
        assert [arm.role for arm in ledger.arms()] == ["current", "candidate", "candidate"]
        assert {round(arm.share, 4) for arm in ledger.arms()} == {0.3333}
        assert set(ledger.clocks()) == set(ARMS)
        assert [mark.text for mark in ledger.marks(kind="run_ended")] == ["finished"]
    with psycopg.connect(experiment.addresses["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'migrator%'").fetchone() == (0,)

    status = subprocess.run([*MIGRATE, "status", str(experiment.file)], capture_output=True, text=True, check=True)
    assert status.stdout.startswith("Experiment small: finished ")
    assert "table" in status.stdout

    report = subprocess.run(
        [*MIGRATE, "report", str(experiment.file), "--out", str(experiment.folder / "out")], capture_output=True, text=True, check=False
    )
    assert report.returncode == 3, report.stderr
    assert sorted(path.suffix for path in (experiment.folder / "out").iterdir()) == [".csv", ".html", ".json", ".md", ".xml"]
    summary = json.loads(next((experiment.folder / "out").glob("*.json")).read_text())
    assert [arm["arm"] for arm in summary["arms"]] == list(ARMS)

    again = subprocess.run([*MIGRATE, "run", str(experiment.file)], capture_output=True, text=True, check=False, env=_env(experiment))
    assert again.returncode == 2
    assert "this ledger already accounts for all 54 jobs" in again.stderr
    assert "--fresh" in again.stderr


def _env(experiment: Experiment) -> dict[str, str]:
    from tests.behaviour.shadow_stage import environment

    return environment(**experiment.addresses)


def test_the_same_seed_sends_the_same_jobs_to_the_same_arms(make: Callable[..., Experiment]) -> None:
    experiment = make(count=18, mix="")
    experiment.run()
    first = sorted((job.unit_key, job.arm) for job in experiment.jobs())
    experiment.run("--fresh")
    assert sorted((job.unit_key, job.arm) for job in experiment.jobs()) == first
    assert len(list(experiment.ledger_path.parent.glob("*.ledger"))) == 2, "the old ledger is kept"


def test_lost_and_duplicate_jobs_are_found_by_name(make: Callable[..., Experiment]) -> None:
    """Jobs that wait for their time are deleted from the stores, others are put there twice; exactly those are named."""
    mix = '[[workload.mix]]\nname = "later"\ndelay = 6\npayload = { ms = 5 }\n'
    experiment = make(count=30, rate=60.0, mix=mix, deadline=1.0)
    process = experiment.start()
    experiment.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_ok"))) == 30)
    by_arm = {arm: [job for job in experiment.jobs() if job.arm == arm] for arm in ARMS}
    lost = {job.job_key for arm in ARMS for job in by_arm[arm][:2]}
    doubled = {job.job_key for arm in ARMS for job in by_arm[arm][2:4]}
    with psycopg.connect(experiment.addresses["DATABASE_URL"], autocommit=True) as connection:
        for job in (*by_arm["table"][:2], *by_arm["boss"][:2]):
            for table in ("tasks", "pgboss.job"):
                connection.execute(f"DELETE FROM {table} WHERE id::text = %s", (job.native_ids[0],))  # noqa: S608
        for job in by_arm["table"][2:4]:
            copy = "'again-' || id, kind, body, 'PENDING', 0, 3, now(), null, now()"
            connection.execute(f"INSERT INTO tasks SELECT {copy} FROM tasks WHERE id = %s", (job.native_ids[0],))  # noqa: S608
        for job in by_arm["boss"][2:4]:
            copy = "INSERT INTO pgboss.job (name, data, policy) SELECT name, data, policy FROM pgboss.job WHERE id::text = %s"
            connection.execute(copy, (job.native_ids[0],))
    with redis_client.Redis.from_url(experiment.addresses["REDIS_URL"], decode_responses=True) as client:
        for job in by_arm["bull"][:2]:
            client.delete(f"bull:tasks:{job.native_ids[0]}")
            client.zrem("bull:tasks:delayed", job.native_ids[0])
        payloads = [json.loads(client.hget(f"bull:tasks:{job.native_ids[0]}", "data") or "") for job in by_arm["bull"][2:4]]
    copier = Watcher("bullmq", experiment.addresses["REDIS_URL"])
    for number, payload in enumerate(payloads):
        copier.driver.enqueue(Assignment(job_key=f"again-{number}", payload=payload))
    copier.close()
    out, _ = experiment.finish(process, 1)
    assert_accounted(experiment, 30)
    books = experiment.books()
    assert {key for account in books.values() for key in account.jobs["presumed_lost"]} == lost
    jobs = experiment.jobs()
    assert {job.job_key for job in jobs if job.duplicate_effects} == doubled
    assert {job.job_key for job in jobs if len(job.native_ids) > 1} == doubled
    with experiment.ledger() as ledger:
        assert {event.job_key for event in ledger.events(kind="duplicate")} == doubled
    assert all(key in out for key in lost)


def test_redis_dies_in_mid_run(make: Callable[..., Experiment]) -> None:
    with redis() as doomed:
        experiment = make(count=90, rate=15.0, redis=doomed)
        process = experiment.start()
        experiment.wait_for(lambda ledger: sum(e.arm == "bull" for e in ledger.events(kind="completed")) >= 3)
        with redis_client.Redis.from_url(doomed) as client:
            client.shutdown(nosave=True)
        out, err = experiment.finish(process, 4)
    assert_accounted(experiment, 90)
    books = experiment.books()
    for arm in ("table", "boss"):
        assert books[arm].count("completed") + books[arm].count("discarded") == books[arm].assigned
    bull = books["bull"]
    assert bull.count("enqueue_failed") >= 3, "each job that could not be sent is on the books"
    assert bull.count("completed") >= 3
    assert bull.count("presumed_lost") == 0, "a store that does not answer has lost nothing that we know of"
    assert "arm bull: its store does not answer; the other arms go on" in err
    assert "The data cannot be trusted:" in out
    assert "arm bull: its store did not answer: " in out


def test_postgres_dies_in_mid_run(make: Callable[..., Experiment]) -> None:
    with postgres() as doomed:
        experiment = make(count=60, rate=15.0, postgres=doomed)
        process = experiment.start()
        experiment.wait_for(lambda ledger: {e.arm for e in ledger.events(kind="completed")} == set(ARMS))
        kill_postgres(doomed)
        out, err = experiment.finish(process, 4)
    assert_accounted(experiment, 60)
    books = experiment.books()
    assert books["bull"].count("completed") + books["bull"].count("discarded") == books["bull"].assigned
    for arm in ("table", "boss"):
        assert books[arm].count("enqueue_failed") >= 1
        assert f"arm {arm}: its store does not answer" in err
        assert f"arm {arm}: its store did not answer" in out


def test_postgres_hangs_in_mid_run(make: Callable[..., Experiment]) -> None:
    """It is stopped, not killed: connections stay open and nothing ever comes back."""
    with postgres() as doomed:
        experiment = make(count=80, rate=20.0, enqueue=1.0, postgres=doomed)
        process = experiment.start()
        experiment.wait_for(lambda ledger: {e.arm for e in ledger.events(kind="completed")} == set(ARMS))
        with psycopg.connect(doomed, autocommit=True) as connection:
            found = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'migrator shadow'").fetchall()
        stopped = [pid for (pid,) in found]
        assert len(stopped) == 4
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            out, err = experiment.finish(process, 4)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
    assert_accounted(experiment, 80)
    books = experiment.books()
    assert books["bull"].count("completed") + books["bull"].count("discarded") == books["bull"].assigned
    assert "arm table: its store does not answer; the other arms go on" in err
    assert "arm boss: its store did not answer: it hung when the run ended" in out


def test_ctrl_c_then_go_on(make: Callable[..., Experiment]) -> None:
    experiment = make(count=72, rate=10.0)
    process = experiment.start()
    experiment.wait_for(lambda ledger: len(ledger.clocks()) == 3)
    with experiment.ledger() as ledger:
        assert ledger.cursor("bull"), "where to go on from is known before anything has happened"
    experiment.wait_for(lambda ledger: len(ledger.assigned()) >= 15)
    process.send_signal(signal.SIGINT)
    out, err = experiment.finish(process, 130)
    assert "Interrupted. Nothing is lost: run it again to go on." in out
    assert "stopping" in err
    assert experiment.workers() == []
    assigned = sum(account.assigned for account in experiment.books().values())
    assert 15 <= assigned < 72
    assert_accounted(experiment, assigned)
    _, err = experiment.run()
    assert f"going on with an earlier run: {assigned} of 72 jobs were assigned" in err
    assert_accounted(experiment, 72)
    books = experiment.books().values()
    assert [sum(account.count(outcome) for account in books) for outcome in ("completed", "discarded")] == [64, 8]
    with experiment.ledger() as ledger:
        assert [mark.text for mark in ledger.marks(kind="run_ended")] == ["interrupted", "finished"]


@pytest.mark.parametrize("again", range(2))
def test_kill_9_then_go_on(make: Callable[..., Experiment], again: int) -> None:
    """The run is killed while it sends. Workers end with it; the next run sends what was not sent, and no job is sent twice."""
    experiment = make(count=60, rate=15.0, mix="")
    process = experiment.start()
    experiment.wait_for(lambda ledger: len(ledger.assigned()) >= 8 + 13 * again)
    process.kill()
    process.communicate()
    until = time.monotonic() + 60
    while experiment.workers() and time.monotonic() < until:
        time.sleep(0.05)
    assert experiment.workers() == []
    experiment.run()
    assert_accounted(experiment, 60)
    jobs = experiment.jobs()
    assert {job.outcome for job in jobs} == {"completed"}
    assert [job.job_key for job in jobs if len(job.native_ids) != 1 or job.completions != 1] == []


def test_a_worker_that_dies_is_noticed_and_waited_for_no_longer(make: Callable[..., Experiment]) -> None:
    mix = '[[workload.mix]]\nname = "fine"\nweight = 20\n[[workload.mix]]\nname = "deadly"\npayload = { die = true }\n'
    experiment = make(count=42, rate=40.0, mix=mix, deadline=1.0)
    out, err = experiment.run(expect=4)
    assert_accounted(experiment, 42)
    dead = {line.split()[1].rstrip(":") for line in err.splitlines() if "a worker was ended by signal 9" in line}
    assert dead, err
    books = experiment.books()
    for arm in ARMS:
        assert bool(books[arm].count("in_flight")) == (arm in dead)
        assert books[arm].count("presumed_lost") == 0, "the store still has them"
    assert "The data cannot be trusted:" in out


def test_the_time_is_over_before_the_jobs_are(make: Callable[..., Experiment]) -> None:
    mix = '[[workload.mix]]\nname = "long"\npayload = { ms = 60000 }\n'
    experiment = make(count=3, rate=30.0, mix=mix, run=4.0, deadline=1.0)
    out, _ = experiment.run(expect=3)
    assert_accounted(experiment, 3)
    assert sum(account.count("in_flight") for account in experiment.books().values()) == 3
    assert all(job.overdue for job in experiment.jobs())
    assert "The time for the run is over." in out
    assert "in flight: " in out


def test_a_full_disk_in_mid_run(make: Callable[..., Experiment], monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = make(count=45, rate=40.0, mix="")
    for name, address in experiment.addresses.items():
        monkeypatch.setenv(name, address)
    create = SqliteLedger.create.__func__

    def on_a_small_disk(cls: type[SqliteLedger], path: Path, *, timeout: float = 10.0) -> SqliteLedger:
        ledger = create(cls, path, timeout=timeout)
        (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {pages + 6}")
        return ledger

    class Quiet:
        def say(self, text: str) -> None:
            pass

        def update(self, boards, total: int) -> None:
            pass

    with monkeypatch.context() as small:
        small.setattr(SqliteLedger, "create", classmethod(on_a_small_disk))
        with pytest.raises(LedgerError, match="the disk is full"):
            run_experiment(read_experiment(experiment.file), experiment.ledger_path, Quiet())
    held = len(experiment.jobs())
    assert 0 < held < 45
    assert experiment.workers() == []
    assert all(account.holds for account in experiment.books().values())
    experiment.run()
    assert_accounted(experiment, 45)
    assert {job.outcome for job in experiment.jobs()} == {"completed"}
    assert experiment.seen() == experiment.effects(), "what the stores held was read after all"


def test_things_that_are_not_there(make: Callable[..., Experiment], stores: Servers) -> None:
    experiment = make(count=3)
    address = experiment.addresses.pop("REDIS_URL")
    _, err = experiment.run(expect=2)
    assert "small.toml:28: the environment variable REDIS_URL is not set" in err
    experiment.addresses["REDIS_URL"] = "redis://127.0.0.1:1/0"
    _, err = experiment.run(expect=2)
    assert "small.toml:28: the store of arm `bull` cannot be reached" in err
    experiment.addresses["REDIS_URL"] = address
    text = experiment.file.read_text()
    experiment.file.write_text(text.replace('"worker.mjs", "table"', '"nothing.mjs"'))
    _, err = experiment.run(expect=2)
    assert "arm table: its worker ended with status 1" in err
    assert "Cannot find module" in err
    experiment.file.write_text(text.replace('table = "tasks"', 'table = "tusks"'))
    _, err = experiment.run(expect=2)
    assert 'there is no table "public"."tusks" in this database' in err
    experiment.file.write_text(text)
    experiment.run()
    assert_accounted(experiment, 3)
    experiment.file.write_text(text.replace("count = 3", "count = 4"))
    _, err = experiment.run(expect=2)
    assert "this ledger belongs to another experiment, or to an earlier state of this file" in err
    assert_accounted(experiment, 3)
