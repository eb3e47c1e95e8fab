"""Brokers killed while jobs are sent, and started again: what they forgot is lost, what was not taken was never enqueued."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour.chaos.servers import KillablePostgres
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour


def test_killed_and_started_again(
    make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database_server: KillablePostgres, database: str
) -> None:
    systems = {"celery": "celery", "rq": "rq", "bullmq": "bullmq", "table": "postgres-table"}
    lasting, forgetful = make_redis("lasting"), make_redis("forgetful", forgetful=True)
    stores = {"celery": lasting.url, "bullmq": lasting.url, "rq": forgetful.url, "table": database}
    stage = make_stage(systems, stores, deadline=3.0)
    # The worker of the job table makes its table; then nobody takes jobs, so that those that wait are in the brokers' hands.
    stage.work("table")
    stage.retire("table")
    run = stage.run()
    application = stage.application()
    first = {arm: application.send(range(100 * place, 100 * place + 20), arm) for place, arm in enumerate(systems)}
    stage.wait_for(lambda jobs: len(jobs) == 80 and all(job.enqueued_ns for job in jobs.values()))
    for server in (lasting, forgetful, database_server):
        server.kill()
    down = {arm: application.send(range(100 * place + 30, 100 * place + 35), arm) for place, arm in enumerate(systems)}
    for server in (lasting, forgetful, database_server):
        server.start()
    for place, arm in enumerate(systems):
        application.send(range(100 * place + 50, 100 * place + 60), arm)
    for arm in systems:
        stage.work(arm)
    refused = {n for numbers in down.values() for n in numbers}
    assert stage.failed() == refused, "those that no application could have sent, and no other"
    stage.wait_for_ends(presumed_lost=first["rq"])
    application.close()
    stage.stop(run)
    stage.check(lost=first["rq"])
