"""A thousand jobs, and much goes wrong: every one that was lost, doubled, stuck or never enqueued is found by its name, and no other."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable

import pytest

from tests.behaviour.chaos.messages import double, drop
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour
SYSTEMS = {"celery": "celery", "bullmq": "bullmq", "table": "postgres-table", "rq": "rq"}
WEIGHTS = {"celery": 4, "bullmq": 4, "table": 4, "rq": 1}
JOBS = 1_000
#: of each arm
DROPPED, DOUBLED, HELD = 5, 5, {"celery": 4, "bullmq": 4, "table": 4, "rq": 1}
#: how many of what there are to be found
FOUND = {"lost": 4 + 4 * DROPPED, "duplicate effect": 4 * DOUBLED, "stuck": 4 + 4 + 1}


def test_found_by_name(make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database: str) -> None:
    servers = {arm: make_redis(arm) for arm in SYSTEMS if arm != "table"}
    stores = {**{arm: server.url for arm, server in servers.items()}, "table": database}
    stage = make_stage(SYSTEMS, stores, deadline=3.0, weights=WEIGHTS)
    settings = {"bullmq": {"LOCK_MS": "600000"}}

    def work() -> None:
        for arm in SYSTEMS:
            stage.work(arm, **settings.get(arm, {}))

    work()
    run, application = stage.run(), stage.application()

    # A broker dies while jobs are sent, and comes back.
    application.tell(range(400))
    stage.wait_for(lambda jobs: len(jobs) > 150)
    servers["bullmq"].kill()
    application.tell(range(400, 487))
    application.wait()
    application.wait()
    servers["bullmq"].start()
    assert stage.failed(), "some were sent while it was down"
    assert {note["arm"] or "bullmq" for n, note in stage.sent().items() if n in stage.failed()} == {"bullmq"}
    stage.wait_for_ends()

    # Workers are killed with jobs in hand.
    held: dict[str, list[str]] = {}
    first = 487
    for arm, count in HELD.items():
        held[arm] = application.send(range(first, first + count), arm, hold=True)
        first += count
    in_hand = {n for numbers in held.values() for n in numbers}
    stage.wait_for(lambda jobs: all(n in jobs and jobs[n].attempts for n in in_hand))
    for arm in SYSTEMS:
        stage.signal(arm, signal.SIGKILL)
    killed = {"presumed_lost": set(held["celery"]), "stuck": in_hand - set(held["celery"])}
    stage.wait_for_ends(**killed)

    # Messages are lost, and others are there twice.
    sent = application.send(range(first, JOBS))
    stage.wait_for(lambda jobs: all(n in jobs and jobs[n].enqueued_ns for n in sent))
    jobs, chance = stage.jobs(), random.Random(1)
    dropped: set[str] = set()
    doubled: set[str] = set()
    for arm in SYSTEMS:
        chosen = chance.sample(sorted(n for n in sent if jobs[n].arm == arm), DROPPED + DOUBLED)
        for place, n in enumerate(chosen):
            (drop if place < DROPPED else double)(stage, arm, jobs[n].job_key)
            (dropped if place < DROPPED else doubled).add(n)
    killed["presumed_lost"] |= dropped
    stage.wait_for(lambda jobs: all(jobs[n].outcome == "presumed_lost" for n in dropped))
    work()
    stage.wait_for_ends(**killed)
    stage.wait_for(lambda jobs: all(jobs[n].completions == 2 for n in doubled))
    application.close()
    stage.stop(run)
    assert len(stage.sent()) == JOBS
    named = stage.check(lost=killed["presumed_lost"], stuck=killed["stuck"])
    assert named["duplicate effect"] == doubled
    assert {trouble: len(named[trouble]) for trouble in FOUND} == FOUND
