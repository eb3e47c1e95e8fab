"""Workers that stand still for a while: what they hold is stuck as long as they do, and what another took over meanwhile is done twice."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour


def test_stopped_and_resumed(make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database: str) -> None:
    systems = {"celery": "celery", "rq": "rq", "bullmq": "bullmq", "table": "postgres-table"}
    broker = make_redis("broker")
    stage = make_stage(systems, {**dict.fromkeys(systems, broker.url), "table": database}, deadline=3.0)
    locks = {"bullmq": {"LOCK_MS": "3000"}}
    for arm in systems:
        stage.work(arm, **locks.get(arm, {}))
    run = stage.run()
    application = stage.application()
    held: dict[str, list[str]] = {}
    for place, arm in enumerate(systems):
        first = 100 * place
        application.send(range(first, first + 15), arm)
        held[arm] = application.send(range(first + 50, first + 50 + (1 if arm == "rq" else 3)), arm, hold=True)
    everything = {n for numbers in held.values() for n in numbers}
    stage.wait_for(lambda jobs: len(jobs) == 70 and all(job.attempts for job in jobs.values()), lambda jobs: everything - jobs.keys())
    for arm in systems:
        stage.signal(arm, signal.SIGSTOP)
    # Of BullMQ's, another worker takes over.
    stage.work("bullmq", called="second", **locks["bullmq"])
    still = [n for arm in ("celery", "rq", "table") for n in held[arm]]
    stage.wait_for(lambda jobs: all(len(jobs[n].attempts) == 2 for n in held["bullmq"]))
    stage.hold.touch()
    stage.wait_for_ends(stuck=still)
    assert stage.named()["stuck"] == set(still)
    for arm in systems:
        stage.signal(arm, signal.SIGCONT)
    stage.wait_for_ends()
    stage.wait_for(lambda _: all(stage.done()[n] == 2 for n in held["bullmq"]), lambda _: stage.done())
    application.close()
    stage.stop(run)
    # The worker that was stopped had lost its lock: BullMQ does not let it write that it had done them as well.
    named = stage.check(refused=held["bullmq"])
    assert named["duplicate delivery"] == set(held["bullmq"])
    assert stage.failed() == set()
