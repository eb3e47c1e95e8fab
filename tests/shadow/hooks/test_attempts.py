"""What hooks tell, and that nothing they meet reaches a job."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from migrator.shadow import identity
from migrator.shadow.hooks import attempts as module
from migrator.shadow.hooks import celery, dramatiq, procrastinate, rq
from migrator.shadow.hooks.attempts import Attempts
from migrator.shadow.transport.line import Line

FILE = """
[experiment]
name = "told"
current = "old"
[[job]]
name = "mail"
max_attempts = 4
[[job]]
name = "report"
queue = "reports"
[arms.old]
system = "celery"
connection = "A"
weight = 1
[arms.new]
system = "rq"
connection = "B"
weight = 1
queue = "fast"
job_names = { mail = "app.send_mail" }
[arms.newer]
system = "rq"
connection = "C"
weight = 1
queue = "slow"
"""
OURS = identity.experiment_id("told", "told")


class Kept:
    """In place of a recorder: keeps what it is given, or fails."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.lines: list[Line] = []
        self.error = error
        self.each_round: Any = None

    def record(self, event: Any, details: tuple[Any, ...]) -> None:
        if self.error:
            raise self.error
        self.lines.append(event(*details, boot_id="b" * 32, seq=len(self.lines) + 1, host="h", pid=1))

    def flush(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "told.toml"
    path.write_text(FILE)
    return path


def opened(file: Path, system: str, kept: Kept, **more: Any) -> Attempts:
    return Attempts(module.read_policy(file), kept, system, **more)  # pyright: ignore[reportArgumentType]


def mark(arm: str = "") -> dict[str, str]:
    return {"ledger": "x", "key": "x-1", **({"arm": arm} if arm else {})}


def test_jobs_are_known_by_their_mark_their_key_or_their_id(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOW_LEDGER", "1ed6e4a0")
    kept = Kept()
    attempts = opened(file, "celery", kept)
    assert attempts.began("native", "mail", mark=mark())
    assert attempts.began("native", "mail", key=f"{OURS}-7")
    assert attempts.began(f"{OURS}-8", "mail")
    assert attempts.began("1ed6e4a0-9", "mail")
    assert [line.job_key for line in kept.lines] == ["x-1", f"{OURS}-7", f"{OURS}-8", "1ed6e4a0-9"]
    for others in ("native", f"{OURS}x-8", OURS, 17, None):
        assert attempts.began(others, "mail", mark={"key": 3}, key=None) is None
    assert attempts.began("native", "mail", mark="text", key=b"bytes") is None
    assert len(kept.lines) == 4


def test_the_arm_is_the_mark_s_or_the_only_one_or_the_one_with_the_queue(file: Path) -> None:
    kept = Kept()
    attempts = opened(file, "rq", kept)
    assert attempts.began("n", "app.send_mail", mark=mark("newer"), queue="fast")
    assert attempts.began("n", "app.send_mail", mark=mark(), queue="fast")
    assert attempts.began("n", "other", mark=mark(), queue="slow")
    assert attempts.began("n", "mail", mark=mark(), queue="elsewhere") is None
    assert [(line.arm, line.job_name, line.role) for line in kept.lines] == [
        ("newer", "app.send_mail", "candidate"),
        ("new", "mail", "candidate"),
        ("newer", "other", "candidate"),
    ]
    assert opened(file, "rq", kept, arm="new").began("n", "mail", mark=mark(), queue="elsewhere")
    assert opened(file, "celery", kept).began("n", "mail", mark=mark(), queue="any")
    assert kept.lines[-1].role == "current"


def test_the_queue_of_a_job_that_an_arm_gives_none_of_its_own_is_the_job_s(file: Path) -> None:
    file.write_text(FILE.replace('queue = "fast"', 'queues = { mail = "fast" }'))
    kept = Kept()
    attempts = opened(file, "rq", kept)
    assert attempts.began("n", "report", mark=mark(), queue="reports")
    assert attempts.began("n", "app.send_mail", mark=mark(), queue="fast")
    assert attempts.began("n", "report", mark=mark()) is None, "nothing says which queue"
    assert [line.arm for line in kept.lines] == ["new", "new"]


def test_an_end_is_told_once(file: Path) -> None:
    kept = Kept()
    running = opened(file, "celery", kept).began("n", "mail", mark=mark(), attempt=2)
    assert running is not None
    running.is_over()
    at = running.ended_ns
    running.ended("attempt_failed", ValueError("no title"))
    running.ended("completed")
    (began, ended) = kept.lines
    assert (ended.kind, ended.attempt, ended.ts_ns, ended.err_type, ended.err_message) == (
        "attempt_failed",
        2,
        at,
        "ValueError",
        "no title",
    )
    assert ended.elapsed_ns == (ended.mono_ns or 0) - (began.mono_ns or 0)


def test_whoever_runs_long_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    running = opened(file, "celery", kept).began("n", "mail", mark=mark())
    assert running is not None
    kept.each_round()
    assert [line.kind for line in kept.lines] == ["started"]
    running.heard -= 10**10
    kept.each_round()
    kept.each_round()
    running.ended("completed")
    running.heard -= 10**10
    kept.each_round()
    assert [line.kind for line in kept.lines] == ["started", "heartbeat", "completed"]


def test_what_nobody_tells_the_end_of_is_not_said_to_run_for_ever(file: Path) -> None:
    file.write_text(FILE.replace('system = "rq"', 'system = "dramatiq"', 1))
    kept = Kept()
    attempts = opened(file, "celery", kept)
    hook = celery.Hook(attempts)
    request = SimpleNamespace(is_eager=False, delivery_info=None, retries=0, headers=None)
    hook.began(f"{OURS}-1", SimpleNamespace(name="mail", request=request))
    hook.over(f"{OURS}-1", state=None)  # SystemExit in a thread of the pool
    middleware = dramatiq.Attempting.__new__(dramatiq.Attempting)
    middleware.attempts, middleware._running, middleware._failed = opened(file, "dramatiq", kept), {}, {}
    options = {"__shadow": mark()}
    message = SimpleNamespace(failed=False, options=options, message_id="m", actor_name="mail", queue_name="fast", args=(), kwargs={})
    middleware.before_process_message(None, message)
    middleware.after_skip_message(None, message)
    assert [line.kind for line in kept.lines] == ["started", "started"]
    for each in (attempts, middleware.attempts):
        assert each._running == {}


@pytest.mark.parametrize(("ledger", "durability"), [("", "memory"), ("1ed6e4a0", "wal")])
def test_workers_of_a_run_lose_nothing_when_they_are_killed(
    file: Path, monkeypatch: pytest.MonkeyPatch, ledger: str, durability: str
) -> None:
    monkeypatch.setenv("SHADOW_LEDGER", ledger)
    attempts = Attempts.open("celery", file)
    assert attempts is not None
    assert attempts.recorder._durability == durability
    attempts.close()


@pytest.mark.parametrize("text", ["", "x = ", FILE.replace('"rq"', '"celery"').replace('system = "celery"', 'system = "bull"', 1)])
def test_a_file_that_cannot_be_used_is_told_in_the_log_and_nothing_else(file: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    file.write_text(text)
    assert Attempts.open("rq", file) is None
    assert "attempts are not recorded" in caplog.text
    assert Attempts.open("rq", file.parent / "none.toml") is None
    assert Attempts.open("rq") is None
    assert procrastinate.attempts(file.parent / "none.toml") == []
    hook = dramatiq.Attempting(file.parent / "none.toml")
    hook.before_process_message(None, SimpleNamespace(failed=False))
    celery.install(file.parent / "none.toml")


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_a_recorder_that_fails_reaches_no_job(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    attempts = opened(file, "celery", Kept(OSError("disk full")))
    assert attempts.began("n", "mail", mark=mark()) is None
    assert "disk full" in caplog.text
    kept = Kept()
    running = opened(file, "celery", kept).began("n", "mail", mark=mark())
    assert running is not None
    kept.error = OSError("disk full")
    running.ended("completed")
    kept.error = None
    running = opened(file, "celery", kept).began("n", "mail", mark=mark())
    assert running is not None
    running.ended("discarded", UnspeakableError())
    assert kept.lines[-1].err_type == "UnspeakableError"


def test_middleware_of_procrastinate_gives_what_the_task_gives(file: Path) -> None:
    file.write_text(FILE.replace('system = "rq"', 'system = "procrastinate"', 1))
    kept = Kept()
    around = procrastinate.plain(opened(file, "procrastinate", kept))
    job = SimpleNamespace(id=5, task_name="app.send_mail", queue="fast", attempts=1, task_kwargs={}, queueing_lock=f"{OURS}-5")
    context = SimpleNamespace(job=job, task=SimpleNamespace(retry_strategy=None))
    assert around(lambda: 42, context, None) == 42
    with pytest.raises(KeyError, match="gone"):
        around(_raise, context, None)
    assert [(line.kind, line.attempt, line.native_id) for line in kept.lines] == [
        ("started", 2, "5"), ("completed", 2, "5"), ("started", 2, "5"), ("discarded", 2, "5"),
    ]  # fmt: skip


def _raise() -> None:
    raise KeyError("gone")


@pytest.mark.parametrize(
    ("left", "returned", "allowed", "number"),
    [(None, None, None, 1), (None, 2, None, 3), (3, None, 4, 1), (1, None, 4, 3), (0, 1, 4, 5), (3, None, None, None), (9, None, 4, None)],
)
def test_rq_counts_what_is_left(left: int | None, returned: int | None, allowed: int | None, number: int | None) -> None:
    job: Any = SimpleNamespace(retries_left=left, number_of_retries=returned)
    assert rq._number(job, allowed) == number


def test_a_forked_child_ends_no_attempt_of_its_parent(file: Path) -> None:
    kept = Kept()
    attempts = opened(file, "celery", kept)
    running = attempts.began("n", "mail", mark=mark())
    assert running is not None
    child = os.fork()
    if child == 0:
        running.ended("completed")
        os._exit(len(kept.lines))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    running.ended("completed")
    assert [line.kind for line in kept.lines] == ["started", "completed"]


@pytest.mark.parametrize("system", ["celery", "rq", "dramatiq", "procrastinate"])
def test_a_hook_brings_none_of_the_heavy_packages_into_a_worker(file: Path, system: str) -> None:
    heavy = ("numpy", "scipy", "rich", "typer", "tree_sitter", "jinja2")
    others = {"celery", "rq", "dramatiq", "procrastinate", "bullmq"} - {system}
    code = (
        f"import sys\nimport migrator.shadow.hooks.{system}\nfrom migrator.shadow.hooks.attempts import Attempts\n"
        f"Attempts.open('celery', sys.argv[1])\nprint([name for name in {(*heavy, *sorted(others))} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
