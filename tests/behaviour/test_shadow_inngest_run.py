"""Whole runs over a job table and Inngest, with the double of the server and functions on the real SDK."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from migrator.servers import postgres
from tests.behaviour.hosted_run import HostedRun
from tests.behaviour.inngest_live_stage import application
from tests.behaviour.shadow_run import fresh_database
from tests.doubles.inngest.live import LiveInngest

pytestmark = pytest.mark.behaviour
Make = Callable[..., HostedRun]


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def server(tmp_path: Path) -> Generator[LiveInngest]:
    with LiveInngest(retry_interval=1.0) as double, application(double, tmp_path):
        yield double


@pytest.fixture
def make(database: str, server: LiveInngest, tmp_path: Path) -> Generator[Make]:
    made: list[HostedRun] = []

    def run(name: str, **settings) -> HostedRun:
        environment = {"DATABASE_URL": fresh_database(database, name), "INNGEST_BASE_URL": server.url}
        made.append(
            HostedRun(
                tmp_path,
                "inngest",
                environment=environment,
                connection="INNGEST_BASE_URL",
                queue="tasks",
                job_name="app/task",
                options={"poll": 0.1},
                **settings,
            )
        )
        return made[-1]

    yield run
    for each in made:
        each.end()


def test_every_job_ends_and_the_ledger_says_what_the_workers_say(make: Make) -> None:
    run = make("whole", count=36).start()
    assert "Every one of 36 jobs is accounted for." in run.finish(0)
    jobs = run.jobs(36)
    assert {job.arm for job in jobs} == {"table", "hosted"}
    fate = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3)}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fate[job.label or ""]) for job in jobs]
    assert Counter((job.unit_key, a.number) for job in jobs for a in job.attempts) == Counter(run.effects())
    assert all(attempt.run_ns is not None for job in jobs for attempt in job.attempts)
    assert all(job.wait_ns is not None and job.wait_ns > -2_000_000 and job.terminal_ns is not None for job in jobs)


def test_what_was_dropped_and_what_came_twice_is_named(make: Make, server: LiveInngest) -> None:
    mix = '[[workload.mix]]\nname = "later"\ndelay = 2\npayload = { ms = 5 }\n'
    run = make("named", count=30, rate=60.0, mix=mix, deadline=1.0).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_ok"))) == 30)
    hosted = [job for job in run.jobs(30) if job.arm == "hosted"]
    lost, doubled = hosted[:2], hosted[2:4]
    for job in lost:
        server.drop(job.native_ids[0])
    for job in doubled:
        mark = {"ledger": job.job_key.split("-")[0], "key": job.job_key}
        server.send({"name": "app/task", "data": {"n": job.unit_key, "ms": 5, "__shadow": mark}})
    out = run.finish(1)
    jobs = run.jobs(30)
    assert {job.job_key for job in jobs if job.outcome == "presumed_lost"} == {job.job_key for job in lost}
    assert all(job.job_key in out for job in lost)
    assert {job.job_key for job in jobs if job.completions > 1} == {job.job_key for job in doubled}


def test_an_outage_and_then_an_interruption(make: Make, server: LiveInngest) -> None:
    """What was not taken is named; what was there goes on; no job is sent twice."""
    run = make("outage", count=80, rate=20.0, mix="", deadline=12.0, silence=20.0).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="completed", arm="hosted"))) >= 5)
    server.stop()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_failed", arm="hosted"))) >= 5)
    server.start()
    run.wait_for(lambda ledger: bool(list(ledger.marks(kind="store_back"))))
    assert run.process
    run.process.send_signal(signal.SIGINT)
    run.finish(130)
    assert "arm hosted: its store did not answer:" in run.start().finish(4)
    jobs = run.jobs(80)
    outcomes = Counter(job.outcome for job in jobs if job.arm == "hosted")
    assert outcomes["enqueue_failed"] >= 5
    assert set(outcomes) <= {"completed", "enqueue_failed"}, outcomes
    assert {job.outcome for job in jobs if job.arm == "table"} == {"completed"}
    assert [job.job_key for job in jobs if job.completions > 1] == []
    done = sorted(job.unit_key for job in jobs if job.outcome == "completed")
    assert sorted({n for n, _ in run.effects()}) == done
