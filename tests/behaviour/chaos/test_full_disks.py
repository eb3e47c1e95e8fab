"""The disk that the ledger and the events are on is full: no job fails, and what is lost is told to the last event."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.behaviour.chaos.disks import small_disk
from tests.behaviour.chaos.stage import Stage
from tests.behaviour.killable_redis import KillableRedis
from tests.behaviour.shadow_stage import PATIENCE

pytestmark = pytest.mark.behaviour
ARMS = {"bullmq": "bullmq", "celery": "celery"}
#: events that wait in the application's memory
ROOM = 60


def test_full_and_free_again(make_stage: Callable[..., Stage], make_redis: Callable[..., KillableRedis], tmp_path: Path) -> None:
    broker = make_redis("broker")
    with small_disk(tmp_path / ".migrator") as disk:
        stage = make_stage(ARMS, dict.fromkeys(ARMS, broker.url), deadline=30.0, more=f"[recorder]\nevents = {ROOM}\n")
        for arm in ARMS:
            stage.work(arm)
        run, application = stage.run(), stage.application()
        application.send(range(20))
        stage.wait_for(lambda jobs: len(jobs) == 20 and all(job.enqueued_ns for job in jobs.values()))
        disk.fill(run.pid, application.process.pid)
        application.send(range(100, 125))
        assert _ended(run) == 2, "a run that cannot write its ledger says so"
        disk.free()
        run = stage.run()
        stage.wait_for_ends()
        disk.fill(run.pid, application.process.pid)
        sent = application.send(range(200, 300))
        assert _ended(run) == 2
        disk.free()
        again = stage.run()
        # That numbers are missing is known once a later one arrives.
        later = application.send(range(400, 410))
        stage.wait_for(lambda _: stage.kept() + stage.missing() == 2 * len(stage.sent()), lambda _: (stage.kept(), stage.missing()))
        assert stage.failed() == set()
        # Memory had room for so many; a few more may have found some at the end of a file.
        kept = 2 * len(sent) - stage.missing()
        assert ROOM <= kept < ROOM + 20
        known = {n for n, job in stage.jobs().items() if job.assignments}
        assert known == {*map(str, range(20)), *map(str, range(100, 125)), *sent[: (kept + 1) // 2], *later}, (
            "what there was no room for, to the last event"
        )
        stage.wait_for(lambda jobs: all(jobs[n].completions == 1 for n in known))
        # A process that is killed takes along what it had not written yet: how much, it had counted.
        unwritten = application.send(range(500, 530))
        application.kill()
        stage.wait_for(lambda _: stage.kept() + stage.missing() == 2 * len(stage.sent()), lambda _: (stage.kept(), stage.missing()))
        # Jobs that a store has and nobody said to have sent there are put on the books once their assignments have had their time to come.
        stage.wait_for(
            lambda jobs: jobs.keys() >= {*unwritten} and all(books.holds for books in stage.books()), lambda _: stage.books(), 3 * PATIENCE
        )
        stage.stop(again)
        jobs, told = stage.jobs(), stage.kept("assigned")
        with stage.ledger() as ledger:
            assert ledger.made_up() == len(jobs) - told
        # BullMQ keeps its events for whoever comes later, Celery's are gone: what ran there unheard and unrecorded is in the number only.
        assert {n for n, job in jobs.items() if job.arm == "bullmq"} == {n for n, note in stage.sent().items() if note["arm"] == "bullmq"}
        assert all(job.completions == 1 for job in jobs.values())
        state, finding = stage.checks()["recorder"]
        assert state == "invalid"
        assert finding.startswith(f"{stage.missing()} events of ")
    assert stage.done().keys() == stage.sent().keys()


def _ended(run: subprocess.Popen[str]) -> int:
    _, said = run.communicate(timeout=120)
    assert "Traceback" not in said
    return run.returncode
