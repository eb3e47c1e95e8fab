"""Whole runs over a job table and SQS."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from migrator.servers import postgres
from tests.behaviour.hosted_run import HostedRun
from tests.behaviour.shadow_run import fresh_database
from tests.behaviour.sqs_stage import CREDENTIALS, Service, lambda_worker, service

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def sqs() -> Generator[Service]:
    with service() as running:
        yield running


Make = Callable[..., HostedRun]


@pytest.fixture
def make(database: str, sqs: Service, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Make]:
    made: list[HostedRun] = []

    def run(queue: str, **settings) -> HostedRun:
        url = sqs.queue(queue)
        environment = {"DATABASE_URL": fresh_database(database, queue), "QUEUE_URL": url, **CREDENTIALS}
        options = {"reports": f"{queue}-reports", "poll": 0.1, "hide": 1, "settle": 0.5}
        worker = lambda_worker(url, sqs.reports(url), {"BATCH": "3"})
        made.append(
            HostedRun(
                tmp_path, "sqs", environment=environment, connection="QUEUE_URL", queue=queue, options=options, worker=worker, **settings
            )
        )
        return made[-1]

    yield run
    for each in made:
        each.end()


def test_every_job_ends_and_the_ledger_says_what_the_workers_say(make: Make) -> None:
    run = make("whole", count=36).start()
    out = run.finish(0)
    assert "Every one of 36 jobs is accounted for." in out
    jobs = run.jobs(36)
    assert {job.arm for job in jobs} == {"table", "hosted"}
    fate = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3)}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in jobs] == [(job.job_key, *fate[job.label or ""]) for job in jobs]
    assert Counter((job.unit_key, a.number) for job in jobs for a in job.attempts) == Counter(run.effects())
    assert all(attempt.run_ns is not None for job in jobs for attempt in job.attempts)
    hosted = [job for job in jobs if job.arm == "hosted"]
    assert all(job.wait_ns is not None and job.wait_ns >= 0 for job in hosted)
    assert all((job.terminal_ns is None) == (job.outcome == "discarded") for job in hosted), "SQS does not say when it gave a message up"


def test_what_was_dropped_and_what_came_twice_is_named(make: Make, sqs: Service) -> None:
    mix = '[[workload.mix]]\nname = "later"\ndelay = 2\npayload = { ms = 5 }\n[[workload.mix]]\nname = "now"\npayload = { ms = 5 }\n'
    run = make("named", count=30, rate=60.0, mix=mix, deadline=1.5).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_ok"))) == 30)
    url = f"{sqs.url}/123456789012/named"
    hosted = {job.job_key: job for job in run.jobs(30) if job.arm == "hosted"}
    later = [job for job in hosted.values() if job.label == "later"]
    assert later, "the delayed ones are still in the queue"
    run.wait_for(lambda ledger: len(list(ledger.events(kind="completed", arm="hosted"))) == len(hosted) - len(later))
    sqs.client.purge_queue(QueueUrl=url)
    doubled = next(job for job in hosted.values() if job.label == "now")
    with_mark = {"n": doubled.unit_key, "ms": 5, "__shadow": {"ledger": doubled.job_key.split("-")[0], "key": doubled.job_key}}
    sqs.client.send_message(QueueUrl=url, MessageBody=json.dumps(with_mark))
    out = run.finish(1)
    jobs = run.jobs(30)
    assert {job.job_key for job in jobs if job.outcome == "presumed_lost"} == {job.job_key for job in later}
    assert all(job.job_key in out for job in later[:3])
    assert {job.job_key for job in jobs if job.completions > 1} == {doubled.job_key}


def test_a_service_that_goes_and_comes_back(make: Make, sqs: Service) -> None:
    """What it did not take is named; what it had goes on when it is back; the other arm never waits."""
    run = make("outage", count=60, rate=20.0, mix="", deadline=15.0, silence=20.0).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="completed", arm="hosted"))) >= 5)
    sqs.stop()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_failed", arm="hosted"))) >= 5)
    sqs.start()
    out = run.finish(4)
    assert "arm hosted: its store did not answer:" in out
    jobs = run.jobs(60)
    assert {job.outcome for job in jobs if job.arm == "table"} == {"completed"}
    outcomes = Counter(job.outcome for job in jobs if job.arm == "hosted")
    assert outcomes["enqueue_failed"] >= 5
    assert set(outcomes) <= {"completed", "enqueue_failed"}, outcomes
    ran = {n for n, _ in run.effects()}
    assert {job.unit_key for job in jobs if job.outcome == "completed"} == ran


def test_interrupted_then_gone_on_with(make: Make) -> None:
    run = make("interrupted", count=60, mix="", deadline=6.0).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="completed", arm="hosted"))) >= 5)
    assert run.process
    run.process.send_signal(signal.SIGINT)
    run.finish(130)
    out = run.start().finish(0)
    assert "Every one of 60 jobs is accounted for." in out
    jobs = run.jobs(60)
    assert {job.outcome for job in jobs} == {"completed"}
    assert [job.job_key for job in jobs if job.completions != 1] == []
    assert sorted(n for n, _ in run.effects()) == sorted(job.unit_key for job in jobs)
