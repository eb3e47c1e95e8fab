"""Whole runs over a job table and a system that is somebody's service: failures, delays, copies, losses, outages, interruptions."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from migrator.servers import postgres
from tests.behaviour.hosted_run import HostedRun
from tests.behaviour.hosted_systems import SYSTEMS, Hosted, hosted
from tests.behaviour.shadow_run import MIX, fresh_database

pytestmark = pytest.mark.behaviour
LATER = '[[workload.mix]]\nname = "later"\nweight = 3\ndelay = 8\npayload = { ms = 5 }\n'
FATE = {"quick": ("completed", 1), "fails once": ("completed", 2), "poison": ("discarded", 3), "later": ("completed", 1)}
Make = Callable[..., HostedRun]
#: jobs that a consumer of SQS has in hand
AT_A_TIME = 3


@pytest.fixture(scope="module")
def database() -> Generator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Hosted]:
    with hosted(request.param, tmp_path) as ready:
        yield ready


@pytest.fixture
def make(database: str, system: Hosted, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Make]:
    made: list[HostedRun] = []

    def run(**settings) -> HostedRun:
        environment = {"DATABASE_URL": fresh_database(database, f"hosted{abs(hash(request.node.name))}"), **system.environment}
        made.append(HostedRun(tmp_path, system.name, environment=environment, fields=system.fields, worker=system.worker, **settings))
        return made[-1]

    yield run
    for each in made:
        each.end()


def test_every_job_is_accounted_for_those_that_were_lost_and_those_that_came_twice_by_name(make: Make, system: Hosted) -> None:
    run = make(count=48, rate=48.0, mix=MIX + LATER, deadline=1.5).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_ok"))) == 48)
    sent = [job for job in run.jobs(48) if job.arm == "hosted"]
    later = [job for job in sent if job.label == "later"]
    ordinary = len(sent) - len(later)
    run.wait_for(lambda ledger: sum(len(list(ledger.events(kind=kind, arm="hosted"))) for kind in ("completed", "discarded")) >= ordinary)
    lost = later if not system.dates_discards else later[:2]
    doubled = next(job for job in sent if job.label == "quick")
    system.drop(lost)
    system.copy(doubled)
    out = run.finish(1)
    jobs = run.jobs(48)
    names = {job.job_key for job in lost}
    assert {job.job_key for job in jobs if job.outcome == "presumed_lost"} == names
    assert all(key in out for key in sorted(names)[:3])
    assert {job.job_key for job in jobs if job.completions > 1} == {doubled.job_key}
    rest = [job for job in jobs if job.job_key not in names]
    assert {job.arm for job in rest} == {"table", "hosted"}
    assert [(job.job_key, job.outcome, job.attempts_made) for job in rest] == [(job.job_key, *FATE[job.label or ""]) for job in rest]
    assert Counter((job.unit_key, a.number) for job in rest for a in job.attempts) == Counter(run.effects())
    assert all(attempt.run_ns is not None for job in rest for attempt in job.attempts)
    # Clocks of milliseconds cut off.
    assert all(job.wait_ns is not None and job.wait_ns > -2_000_000 for job in rest)
    undated = {job.label for job in rest if job.terminal_ns is None}
    assert undated == (set() if system.dates_discards else {"poison"}), "SQS does not say when it gave a message up"


def test_an_outage_and_then_an_interruption(make: Make, system: Hosted) -> None:
    """What was not taken is named; what was there goes on when it is back; no job is sent twice; the other arm never waits."""
    run = make(count=60, rate=12.0, mix="", deadline=12.0, silence=20.0).start()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="completed", arm="hosted"))) >= 5)
    system.stop()
    run.wait_for(lambda ledger: len(list(ledger.events(kind="enqueue_failed", arm="hosted"))) >= 3)
    system.start()
    run.wait_for(lambda ledger: bool(list(ledger.marks(kind="store_back"))))
    assert run.process
    run.process.send_signal(signal.SIGINT)
    run.finish(130)
    assert "arm hosted: its store did not answer:" in run.start().finish(4)
    jobs = run.jobs(60)
    outcomes = Counter(job.outcome for job in jobs if job.arm == "hosted")
    assert outcomes["enqueue_failed"] >= 3
    # While nothing runs, nobody answers where QStash delivers to.
    given_up = {"discarded"} if system.name == "qstash" else set[str]()
    if system.name == "sqs":
        # What a consumer was at when its reports had nowhere to go is done and told of by nobody; the run says that it saw nothing then.
        given_up.add("presumed_lost")
    assert set(outcomes) <= {"completed", "enqueue_failed", *given_up}, outcomes
    assert {job.outcome for job in jobs if job.arm == "table"} == {"completed"}
    # SQS hands a message out again whose consumer could not say that it was done with it.
    ran = Counter(n for n, _ in run.effects())
    assert {job.unit_key for job in jobs if job.completions > 1} <= {n for n, times in ran.items() if times > 1}
    assert system.delivers_again or max(ran.values()) == 1
    done = {job.unit_key for job in jobs if job.outcome == "completed"}
    unreported = {job.unit_key for job in jobs if job.outcome == "presumed_lost"}
    assert len(unreported) <= AT_A_TIME
    # An endpoint that is ended while it is at a job has done it and answered nothing: QStash tries again, where nobody is, and gives up.
    unanswered = {job.unit_key for job in jobs if job.outcome == "discarded"}
    assert done | unreported <= set(ran) <= done | unreported | unanswered
