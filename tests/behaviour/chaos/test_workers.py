"""Workers that are killed or stand still: what they had in hand is lost, stuck or handed out again, as each system does it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour


def test_killed(make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database: str) -> None:
    systems = {"early": "celery", "late": "celery", "rq": "rq", "bullmq": "bullmq", "table": "postgres-table"}
    # Celery's events of all queues go to whoever listens at the same Redis.
    broker, other = make_redis("broker"), make_redis("other")
    stores = {"early": broker.url, "late": other.url, "rq": broker.url, "bullmq": broker.url, "table": database}
    stage = make_stage(systems, stores, deadline=3.0)
    settings = {"late": {"ACKS_LATE": "1", "VISIBILITY": "2"}, "bullmq": {"LOCK_MS": "3000"}}
    for arm in systems:
        stage.work(arm, **settings.get(arm, {}))
    run = stage.run()
    application = stage.application()
    held: dict[str, list[str]] = {}
    for place, arm in enumerate(systems):
        first = 100 * place
        application.send(range(first, first + 20), arm)
        # A worker of RQ does one after the other.
        held[arm] = application.send(range(first + 50, first + 50 + (1 if arm == "rq" else 3)), arm, hold=True)
    everything = {n for numbers in held.values() for n in numbers}
    stage.wait_for(
        lambda jobs: all(n in jobs and jobs[n].attempts for n in everything) and all(j.attempts for j in jobs.values()) and len(jobs) == 113
    )
    for arm in systems:
        stage.signal(arm, signal.SIGKILL)
    stage.hold.touch()
    for arm in systems:
        stage.work(arm, **settings.get(arm, {}))
    stage.wait_for_ends(presumed_lost=held["early"], stuck=[*held["rq"], *held["table"]])
    application.close()
    stage.stop(run)
    named = stage.check(lost=held["early"], stuck=[*held["rq"], *held["table"]])
    assert stage.failed() == set()
    assert named["duplicate delivery"] == {*held["late"], *held["bullmq"]}, "begun again by another worker, done once"
