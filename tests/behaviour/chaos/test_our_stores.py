"""What is ours fails: the way to our store is blocked, or the store is down. No job fails or waits for that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour.chaos.servers import KillablePostgres, Way
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour
ARMS = {"bullmq": "bullmq", "celery": "celery"}


def test_blocked_and_down(
    make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database_server: KillablePostgres, database: str
) -> None:
    """The ledger and the events on their way to it are in a Postgres that hangs, then dies; so do the stores as the run sees them."""
    broker, way = make_redis("broker"), Way(database)
    sight = Way(broker.url)
    more = '[ledger]\nstore = "CHAOS_OURS_URL"\n[recorder]\ntransport = "CHAOS_WAY_URL"\ndurability = "wal"\n'
    addresses = {"CHAOS_OURS_URL": database, "CHAOS_WAY_URL": way.url}
    stage = make_stage(ARMS, dict.fromkeys(ARMS, broker.url), deadline=30.0, more=more, env=addresses)
    for arm in ARMS:
        stage.work(arm)
    run, application = stage.run(bullmq=sight.url), stage.application()
    application.send(range(50))
    stage.wait_for(lambda jobs: len(jobs) == 50)
    way.block()
    sight.block()
    # Were one of them to wait for an answer, this would not come back: nothing is answered before it has.
    application.send(range(100, 200))
    assert not {n for n in stage.jobs() if int(n) >= 100}, "nothing came through"
    way.unblock()
    # What the run cannot see of one arm, it knows of the other.
    stage.wait_for(lambda jobs: len(jobs) == 150 and all(job.completions for job in jobs.values() if job.arm == "celery"))
    assert not any(job.completions for n, job in stage.jobs().items() if job.arm == "bullmq" and int(n) >= 100)
    sight.unblock()
    stage.wait_for_ends()
    database_server.kill()
    application.send(range(200, 300))
    assert run.wait(60) == 2, "a run cannot do without its ledger, and says so"
    said = run.communicate()[1]
    assert "Traceback" not in said
    application.send(range(300, 320))
    database_server.start()
    again = stage.run()
    application.close()
    stage.wait_for_ends()
    stage.stop(again)
    way.close()
    sight.close()
    stage.check()
    assert stage.failed() == set()
