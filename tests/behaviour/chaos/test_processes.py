"""The run and the application killed in the middle, and an experiment file that is broken for a while."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis

pytestmark = pytest.mark.behaviour


def test_the_run_killed_the_file_broken_and_the_application_killed(
    make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], database: str
) -> None:
    systems = {"bullmq": "bullmq", "celery": "celery", "table": "postgres-table"}
    broker = make_redis("broker")
    stage = make_stage(systems, {**dict.fromkeys(systems, broker.url), "table": database}, deadline=30.0)
    for arm in systems:
        stage.work(arm)
    run = stage.run()
    application = stage.application()
    application.send(range(60))
    run.kill()
    run.communicate()
    application.send(range(100, 160))
    run = stage.run()
    right = stage.file.read_text()
    stage.write(right.replace("weight = 1", "weight = none", 1))
    application.send(range(200, 260))
    with_mark = "this is not TOML"
    stage.wait_for(lambda _: any(with_mark in words for words in stage.marks("configured")), lambda _: stage.marks("configured"))
    application.send(range(300, 330))
    stage.write(right)
    # Killed between two jobs, or in the midst of one: it may have been written down or not, and be in its store or not.
    application.tell(range(400, 2000))
    stage.wait_for(lambda jobs: "430" in jobs)
    application.kill()
    *_, last = stage.sent()
    assert stage.cut_short <= {last}
    again = stage.application()
    again.send(range(3000, 3030))
    again.close()
    stage.wait_for(lambda _: not stage.waiting_events(), lambda _: stage.waiting_events())
    stage.wait_for_ends()
    stage.stop(run)
    stage.check()
    assert stage.failed() == set()
