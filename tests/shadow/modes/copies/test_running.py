"""What a copy does in a candidate's worker: replay, or run a body that has said that it bears it, under guard where it is a dry run."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import MigratorError
from migrator.shadow.modes.copies.bodies import mirrored
from migrator.shadow.modes.copies.copy import Copy, Replayed
from migrator.shadow.modes.copies.running import ReplayedFailure, Runner, replay, run_copy
from migrator.shadow.modes.egress import EgressDenied, EgressGuard


class Stage:
    def __init__(self) -> None:
        self.suppressed: list[str] = []
        self.runner = Runner(EgressGuard(), lambda copy, reason: self.suppressed.append(f"{copy.job}: {reason}"))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def copy(level: Any, job: str, **more: Any) -> Copy:
    return Copy(level=level, job=job, arm="new", **more)


def test_a_replay_takes_as_long_and_ends_as_the_job_did() -> None:
    slept: list[float] = []
    recorded = copy("replay", "mail", attempts=(Replayed(seconds=0.5, failed=True, error="ValueError"), Replayed(seconds=0.25)))
    with pytest.raises(ReplayedFailure, match="ValueError"):
        replay(recorded, 1, slept.append)
    replay(recorded, 2, slept.append)
    replay(recorded, 7, slept.append)
    assert slept == [0.5, 0.25, 0.25]


def test_a_body_runs_only_at_the_level_that_it_bears(stage: Stage) -> None:
    ran: list[dict[str, Any]] = []
    mirrored("dry only", dry_run=True)(lambda **fields: ran.append(fields))
    mirrored("twice only", idempotent=True)(lambda **fields: ran.append(fields))
    for job in ("dry only", "twice only", "unknown"):
        for level in ("dry_run", "full"):
            stage.runner.run(copy(level, job, payload={"n": job}), 1)
    assert ran == [{"n": "dry only", "shadow": True}, {"n": "twice only"}]
    assert [said.partition(":")[0] for said in stage.suppressed] == ["dry only", "twice only", "unknown", "unknown"]


def test_the_payload_as_one_argument(stage: Stage) -> None:
    got: list[Any] = []
    mirrored("whole", dry_run=True, idempotent=True)(lambda payload, shadow=False: got.append((payload, shadow)))
    stage.runner.run(copy("dry_run", "whole", payload={"n": 1}, arguments="payload"), 1)
    stage.runner.run(copy("full", "whole", payload={"n": 2}, arguments="payload"), 1)
    assert got == [({"n": 1}, True), ({"n": 2}, False)]


def test_a_failure_of_the_body_is_the_copys(stage: Stage) -> None:
    @mirrored("fails", dry_run=True)
    def body(*, shadow: bool) -> None:
        raise KeyError("its own")

    with pytest.raises(KeyError, match="its own"):
        stage.runner.run(copy("dry_run", "fails"), 1)
    assert stage.suppressed == []


def test_what_the_guard_denies_is_told_and_fails_no_job(stage: Stage) -> None:
    @mirrored("leaks", dry_run=True)
    def leaks(*, shadow: bool) -> None:
        for _ in range(2):
            socket.create_connection(("127.0.0.1", 9))

    @mirrored("hides it", dry_run=True)
    def hides(*, shadow: bool) -> None:
        try:
            socket.create_connection(("127.0.0.1", 9))
        except EgressDenied:
            return

    stage.runner.run(copy("dry_run", "leaks"), 1)
    stage.runner.run(copy("dry_run", "hides it"), 1)
    assert stage.suppressed == ["leaks: denied: connect 127.0.0.1:9", "hides it: denied: connect 127.0.0.1:9"]


def test_a_body_that_is_known_by_its_import_path_is_found(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "far_away_jobs.py").write_text(
        "from migrator.shadow.modes.copies.bodies import mirrored\nran = []\n"
        "@mirrored('far away', dry_run=True)\ndef body(*, shadow): ran.append(shadow)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    stage.runner.run(copy("dry_run", "far away", path="far_away_jobs.body"), 1)
    assert sys.modules["far_away_jobs"].ran == [True]
    stage.runner.run(copy("dry_run", "nowhere", path="no_such_module_at_all.body"), 1)
    assert stage.suppressed == ["nowhere: nothing in this worker says `@mirrored` of nowhere"]


def test_a_worker_that_knows_no_experiment_runs_no_body() -> None:
    ran: list[object] = []
    mirrored("bears it", dry_run=True)(lambda **fields: ran.append(fields))
    with pytest.raises(MigratorError, match="this worker knows no experiment"):
        run_copy(copy("dry_run", "bears it"), 1)
    assert ran == []
