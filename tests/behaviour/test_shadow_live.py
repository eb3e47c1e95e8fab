"""Runs on an application's own traffic, with real stores and workers: nothing lost, nothing twice, whatever is done to the run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from migrator.servers import postgres, redis
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.ledger import JobHistory, SqliteLedger
from migrator.shadow.ledger.choosing import open_ledger
from migrator.shadow.summarizing import summarize
from tests.behaviour.live_traffic import Shop
from tests.behaviour.shadow_stage import PATIENCE

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    with redis() as url:
        yield url


@pytest.fixture
def make(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., Shop]]:
    import redis as client

    with client.Redis.from_url(server) as connection:
        connection.flushall()
    monkeypatch.setenv("REDIS_URL", server)
    made: list[Shop] = []

    def make(**settings: object) -> Shop:
        made.append(partial(Shop, tmp_path, server)(**settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for shop in made:
        shop.end()


def test_killed_and_started_again_it_loses_and_doubles_nothing(make: Callable[..., Shop]) -> None:
    shop = make()
    with shop.workers():
        first = shop.start()
        shop.send(40)
        shop.send(20, job="report")
        shop.wait_for(lambda ledger: len(ledger.assigned()) > 20)
        second = shop.asked("run", str(shop.file), expect=2)
        assert "another run is writing to this ledger" in second
        first.kill()
        first.communicate()
        shop.send(40, fail=1)
        shop.send(10, job="report")
        again = shop.start("--for", "1h")
        shop.wait_for_ends()
        said = shop.stop(again)
    assert "Every one of 110 jobs is accounted for." in said
    assert "Ended. What the application sends meanwhile waits: run it again to go on." in said
    jobs = shop.jobs()
    assert {job.job_name for job in jobs} == {"mail", "report"}
    assert [job.outcome for job in jobs] == ["completed"] * 110
    assert [job.completions for job in jobs] == [1] * 110
    retried = [job for job in jobs if job.arm == "rq" and job.attempts_made > 1]
    assert all(job.completions == 1 for job in retried)
    assert set(shop.effects()) == {str(n) for n in range(1, 111)}
    assert min(len([j for j in jobs if j.arm == arm]) for arm in ("celery", "rq")) > 25
    assert [mark.text for mark in shop.marks("run_started")] == ["", "resumed"]
    assert not any((job.wait_ns or 0) < 0 for job in jobs), "no job waits less than nothing"


def test_lost_jobs_and_such_as_were_never_sent_are_named(make: Callable[..., Shop]) -> None:
    import redis as client

    shop = make(deadline=2.0)
    with shop.workers("celery"):
        run = shop.start()
        shop.send(30)  # what goes to RQ waits there: it has no worker
        with client.Redis.from_url(shop.address) as connection:
            gone = [key.decode().removeprefix("rq:job:") for key in connection.scan_iter("rq:job:*")]
            for key in gone[:2]:
                connection.delete(f"rq:job:{key}")
                connection.lrem("rq:queue:tasks", 0, key)
        with shop.dispatcher() as shadow:
            ticket = shadow._ticket("mail", {"n": "never"}, {"unit": "1"})  # a process that dies between the two
            ticket.assigned()
        shop.wait_for(lambda ledger: sum(1 for _ in ledger.events(kind="presumed_lost")) == 2)
        shop.wait_for(lambda ledger: any(e.err_type == "NeverSent" for e in ledger.events(kind="enqueue_failed")))
        shop.wait_for(lambda ledger: sum(1 for _ in ledger.events(kind="overdue")) == len(gone) - 2)
        said = shop.stop(run, expect=1)
    by_outcome: dict[str, list[JobHistory]] = {}
    for job in shop.jobs():
        by_outcome.setdefault(job.outcome, []).append(job)
    assert sorted(job.job_key for job in by_outcome["presumed_lost"]) == sorted(gone[:2])
    assert [job.job_key for job in by_outcome["enqueue_failed"]] == [ticket.key]
    assert len(by_outcome["in_flight"]) == len(gone) - 2
    assert all(books.holds for books in shop.books().values())
    assert all(key in said for key in gone[:2])


def test_a_fresh_ledger_begins_where_the_one_before_it_ended(make: Callable[..., Shop]) -> None:
    """The application's process lives through it. What ended before is nowhere any more, and is not missed."""
    import redis as client

    shop = make(deadline=1.0)
    with shop.dispatcher() as shadow:
        with shop.workers():
            run = shop.start()
            for n in range(30):
                shadow.send("mail", {"n": str(n), "ms": 2})
            shop.sent = 30
            shop.wait_for_ends()
        with client.Redis.from_url(shop.address) as connection:
            connection.delete(*connection.scan_iter("celery-task-meta-*"), *connection.scan_iter("rq:job:*"))
        for n in range(30, 40):
            shadow.send("mail", {"n": str(n), "ms": 2})  # nobody works: they are open when the ledger is set aside
        shop.wait_for(lambda ledger: len(ledger.assigned()) == 40)
        shop.stop(run)
        run = shop.start("--fresh")
        with shop.workers():
            for n in range(40, 60):
                shadow.send("mail", {"n": str(n), "ms": 2})
            shop.sent = 30
            shop.wait_for_ends()
            time.sleep(1.5)
            shop.stop(run)
    jobs = shop.jobs()
    assert {job.outcome for job in jobs} == {"completed"}
    assert sorted(int(job.unit_key) for job in jobs) == list(range(30, 60))
    assert {int(job.unit_key) for job in jobs if job.apart} == set(range(30, 40))
    with SqliteLedger.open(shop.ledger_path) as ledger:
        assert ledger.missing_sequences() == {}
        assert all(check.state != "invalid" for check in summarize(ledger).checks if check.name in ("conservation", "recorder"))


def test_the_file_is_followed_and_a_broken_one_is_not(make: Callable[..., Shop]) -> None:
    shop = make()
    text = shop.file.read_text()
    with shop.workers():
        run = shop.start()
        shop.send(10)
        shop.write(text.replace("weight = 1", "weight = one", 1))
        shop.wait_for(lambda ledger: bool(ledger.marks(kind="configured")))
        shop.write(text.replace('name = "shop"', 'name = "shops"'))
        shop.wait_for(lambda ledger: len(ledger.marks(kind="configured")) == 2)
        # Right as it is written, and yet nothing that could be begun with: all is watched as before.
        shop.write(text + '[arms.rq.worker]\ncommand = ["false"]\nready = "up"\n')
        shop.wait_for(lambda ledger: len(ledger.marks(kind="configured")) == 3)
        shop.send(10)
        shop.wait_for_ends()
        # All to RQ but one in a hundred, and a third job: other channels are to be watched.
        other = text.replace("weight = 1", "weight = 99").replace("weight = 99", "weight = 1", 1)
        third = other.replace('[[job]]\nname = "report"', '[[job]]\nname = "letter"\n[[job]]\nname = "report"')
        shop.write(third.replace("job_names = {", 'job_names = { letter = "rq_jobs.task",'))
        shop.wait_for(lambda ledger: len(ledger.epochs()) == 2)
        time.sleep(1.2)
        shop.send(30)
        shop.wait_for_ends()
        os.kill(run.pid, signal.SIGTERM)
        said = shop.ended(run, 0)
    broken, renamed, idle, followed = (mark.text for mark in shop.marks("configured"))
    assert "shop.toml:" in broken
    assert "this is not TOML" in broken
    assert "`name` cannot change while an experiment goes on" in renamed
    assert "the file is not followed" in idle
    assert "arm rq: its worker ended with status 1" in idle
    assert followed == "the file has changed, and holds as it is now (configuration 2)"
    assert said.count("this is not TOML") == 1
    later = [job for job in shop.jobs() if job.config_epoch == 2]
    assert len(later) == 30
    assert sum(job.arm == "rq" for job in later) > 20
    assert all(books.holds for books in shop.books().values())


def test_a_gated_ramp_goes_up_and_comes_back(make: Callable[..., Shop]) -> None:
    shop = make(margin=0.3, more='[routing]\npoll = 0.2\n[routing.ramp]\nsteps = ["40%/2s", "100%"]')
    with shop.workers():
        run = shop.start()
        shop.send(30)
        shop.wait_for(lambda ledger: any(mark.data.get("step") == 2 for mark in ledger.marks(kind="ramp")))
        first = shop.asked("hold", str(shop.file), "--note", "Ada: wait")
        assert "step 2 of 2 of the ramp, held" in first
        shop.wait_for(lambda ledger: any("the ramp is held: Ada: wait" in mark.text for mark in ledger.marks(kind="switched")))
        shop.asked("hold", str(shop.file), "--go-on", "--note", "Ada: go on")
        # Nothing goes to RQ for a while: no fault of the split, which is judged by what was asked for then.
        shop.asked("kill", str(shop.file), "--arm", "rq")
        shop.wait_for(lambda ledger: any("rq is switched off" in mark.text for mark in ledger.marks(kind="switched")))
        shop.send(60)
        shop.asked("resume", str(shop.file), "--arm", "rq")
        shop.wait_for(lambda ledger: any("rq is switched on again" in mark.text for mark in ledger.marks(kind="switched")))
        with SqliteLedger.open(shop.ledger_path) as ledger:
            assert [check.state for check in summarize(ledger).checks if check.name == "split"] == ["ok"]
            assert [round(arm.share, 2) for epoch in ledger.epochs() for arm in epoch.arms if arm.arm == "rq"] == [0.2, 0.5, 0.0, 0.5]
        # From here on the candidate fails all first attempts, and Celery none.
        with shop.dispatcher() as shadow:
            for n in range(1000, 1300):
                shop.sent += 1
                routed = shadow.router.decide("mail", str(n)).arm
                shadow.send("mail", {"n": str(n), "ms": 1, "poison": True} if routed == "rq" else {"n": str(n), "ms": 1})
        shop.wait_for(lambda ledger: any(mark.data.get("findings") == "rq" for mark in ledger.marks(kind="ramp")))
        said = shop.stop(run)
    ramp = [(mark.data["step"], mark.data["by"]) for mark in shop.marks("ramp")]
    assert ramp == [(1, ""), (2, "run"), (1, "run")]
    assert "back to step 1 (40%): rq is inferior: First-attempt failures" in said
    status = shop.asked("hold", str(shop.file), "--go-on")
    assert "step 1 of 2 of the ramp" in status


def test_over_several_hosts_with_a_ledger_in_postgres(make: Callable[..., Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events through Redis, the ledger in Postgres, where one run collects; the last run leaves nothing behind."""
    with postgres() as database:
        monkeypatch.setenv("DATABASE_URL", database)
        shop = make(more='[ledger]\nstore = "DATABASE_URL"\n[recorder]\ntransport = "REDIS_URL"')
        text = shop.file.read_text()
        start = text.index("[arms.celery]")
        end = text.index("[arms.rq]")
        arm = '[arms.pro]\nsystem = "procrastinate"\nconnection = "DATABASE_URL"\nweight = 1\nqueue = "tasks"\n'
        shop.write(
            (text[:start] + arm + 'job_names = { mail = "task", report = "task" }\n' + text[end:]).replace(
                'current = "celery"', 'current = "pro"'
            )
        )
        with shop.workers("procrastinate", "rq"):
            run = shop.start()
            assert "another run is collecting into this ledger" in shop.asked("run", str(shop.file), expect=2)
            shop.send(40)
            shop.send(10, job="report")
            run.kill()
            run.communicate()
            shop.send(30)
            again = shop.start()
            loaded = read_experiment(shop.file)
            until = time.monotonic() + PATIENCE
            with open_ledger(loaded) as ledger:
                while sum(ledger.conservation(arm).count("completed") for arm in ("pro", "rq")) < 80:
                    assert time.monotonic() < until, [ledger.conservation(arm).sentence() for arm in ("pro", "rq")]
                    time.sleep(0.2)
            shop.stop(again)
            with psycopg.connect(database) as connection:
                assert connection.execute("SELECT to_regclass('migrator_shadow.transition')").fetchone() != (None,), "to go on with"
            said = shop.asked("run", str(shop.file), "--for", "2s", "--last")
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT to_regclass('migrator_shadow.transition')").fetchone() == (None,)
        assert "Every one of 80 jobs is accounted for." in said
        assert "The experiment is over. Nothing of it is left in the stores." in said
        status = shop.asked("status", str(shop.file))
        assert "Experiment shop: over since" in status
        assert "Recorders: no event lost, nothing waits" in status
    assert sorted(set(shop.effects())) == sorted(str(n) for n in range(1, 81))
