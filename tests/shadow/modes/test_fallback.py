"""What a caller sees of mode `fallback`, with stores in this process; the real ones are in tests/behaviour/test_shadow_fallback.py."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.drivers.interface import MARKER, Assignment, EnqueueRefused, StoreDown
from migrator.shadow.modes.claims import Claim
from migrator.shadow.modes.fallback import FallbackWay, copied
from migrator.shadow.modes.health import HealthWatch
from migrator.shadow.transport.folder import FolderInlet

FILE = """
[experiment]
name = "f"
current = "old"
mode = "fallback"
[[job]]
name = "mail"
[fallback]
claims = "CLAIMS"
pickup_timeout = 3600.0
health_every = 3600.0
[arms.old]
system = "rq"
connection = "OLD"
percent = 0
job_name = "a.mail"
[arms.new]
system = "celery"
connection = "NEW"
percent = 100
"""


class Store:
    """Takes jobs, or says what it is told to say."""

    def __init__(self) -> None:
        self.jobs: list[Assignment] = []
        self.error: BaseException | None = None

    def enqueue(self, job: Assignment) -> str:
        if self.error is not None:
            raise self.error
        self.jobs.append(job)
        return job.job_key

    def health(self) -> None: ...

    def close(self) -> None: ...


class Stage:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.old, self.new, self.folder = Store(), Store(), folder
        for name in ("OLD", "NEW", "CLAIMS"):
            monkeypatch.setenv(name, "redis://127.0.0.1:1/0")
        stores = {"rq": self.old, "celery": self.new}
        monkeypatch.setattr("migrator.shadow.driver_pool.open_driver", lambda system, *_: stores[system])
        (folder / "f.toml").write_text(FILE)
        self.shadow = Dispatcher.open(folder / "f.toml")

    def labels(self) -> list[str | None]:
        self.shadow.recorder.flush()
        return [line.reason for line in FolderInlet(self.folder / ".migrator" / "f.spool").read().lines if line.kind == "fallback"]

    def pending(self) -> int:
        assert isinstance(self.shadow.way, FallbackWay)
        return self.shadow.way.waiting()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Stage]:
    made = Stage(tmp_path, monkeypatch)
    yield made
    made.shadow.close()


def arm_of(job: Assignment) -> str:
    return Claim(job.payload[MARKER]["holder"]).arm


def test_a_job_that_is_taken_is_pending_and_marked_for_its_claim(stage: Stage) -> None:
    stage.shadow.send("mail", {"n": 1})
    (job,) = stage.new.jobs
    assert (arm_of(job), job.payload["n"], stage.old.jobs) == ("new", 1, [])
    assert (stage.labels(), stage.pending()) == ([], 1)


@pytest.mark.parametrize(
    ("error", "label"),
    [
        (EnqueueRefused("no such queue"), "fallback_removed"),
        (StoreDown("refused"), "fallback_fenced"),
        (ValueError("anything that a client raises"), "fallback_fenced"),
    ],
)
def test_what_the_candidate_does_not_take_goes_to_the_current_arm_at_once(stage: Stage, error: Exception, label: str) -> None:
    stage.new.error = error
    ticket = stage.shadow.send("mail", {"n": 1}, delay=5.0)
    (job,) = stage.old.jobs
    assert (job.job_key, arm_of(job), job.delay) == (ticket.key, "old", 5.0)
    assert (stage.labels(), stage.pending()) == ([label], 0)


def test_after_some_failures_the_candidate_is_not_even_asked(stage: Stage) -> None:
    stage.new.error = StoreDown("refused")
    for _ in range(3):
        stage.shadow.send("mail", {})
    stage.new.error = AssertionError("asked")
    for _ in range(3):
        stage.shadow.send("mail", {})
    assert stage.labels() == ["fallback_fenced"] * 3 + ["fallback_removed"] * 3


def test_both_failing_raises_what_the_current_arm_said(stage: Stage) -> None:
    stage.new.error, stage.old.error = StoreDown("the new one"), StoreDown("the old one")
    with pytest.raises(StoreDown, match="the old one"):
        stage.shadow.send("mail", {})
    assert (stage.labels(), stage.pending()) == (["failed_both"], 0)


def test_a_caller_that_is_interrupted_leaves_the_job_pending(stage: Stage) -> None:
    stage.new.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        stage.shadow.send("mail", {})
    assert (stage.labels(), stage.pending()) == ([], 1), "nobody can tell whether the candidate has it"


def test_many_first_jobs_at_once_start_one_watcher(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, waiting, starts = threading.Lock(), threading.Semaphore(0), list[object]()

    class Starting:
        """The lock of `start`, which tells of everybody who comes to it."""

        def __enter__(self) -> None:
            waiting.release()
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()

    def start(watch: HealthWatch) -> None:
        starts.append(watch)

    monkeypatch.setattr(HealthWatch, "start", start)
    monkeypatch.setattr(stage.shadow.way, "_starting", Starting())
    threads = [threading.Thread(target=stage.shadow.send, args=("mail", {})) for _ in range(8)]
    with lock:
        for thread in threads:
            thread.start()
        # All of them have seen that nothing is started yet.
        assert all(waiting.acquire(timeout=60) for _ in threads)
        assert starts == []
    for thread in threads:
        thread.join()
    assert len(starts) == 1
    assert stage.pending() == 8


def test_what_the_application_changes_later_does_not_change_what_is_pending() -> None:
    payload: dict[str, Any] = {"items": [1]}
    kept = copied(payload)
    payload["items"].append(2)
    assert kept == {"items": [1]}
    lock = threading.Lock()
    assert copied({"x": lock}) == {"x": lock}
