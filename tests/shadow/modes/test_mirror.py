"""What a caller sees of mode `mirror`, and which copies are sent; with stores in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.drivers.interface import Assignment, StoreDown
from migrator.shadow.ledger import Attempt, JobHistory
from migrator.shadow.modes.copies.copy import decoded
from migrator.shadow.modes.mirror import MirrorWay
from migrator.shadow.policy.changing import change, kill
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.line import Line

FILE = """
[experiment]
name = "m"
current = "old"
mode = "mirror"
unit = "n"
[[job]]
name = "mail"
max_attempts = 2
[[job]]
name = "bill"
max_attempts = 1
[routing]
poll = 0.05
[routing.exclude]
tenants = ["acme"]
[mirror]
waiting = 2
{more}
[mirror.jobs.bill]
level = "full"
idempotent = true
[arms.old]
system = "rq"
connection = "OLD"
job_names = {{ mail = "a.mail", bill = "a.bill" }}
[arms.new]
system = "celery"
connection = "NEW"
"""


class Store:
    """Takes jobs; or says what it is told to say, as slowly as it is told."""

    def __init__(self) -> None:
        self.jobs: list[Assignment] = []
        self.error: Exception | None = None
        self.open = threading.Event()
        self.open.set()

    def enqueue(self, job: Assignment) -> str:
        self.open.wait(60)
        if self.error is not None:
            raise self.error
        self.jobs.append(job)
        return job.job_key

    def close(self) -> None: ...


class Stage:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> None:
        self.old, self.new, self.folder = Store(), Store(), folder
        for name in ("OLD", "NEW"):
            monkeypatch.setenv(name, "redis://127.0.0.1:1/0")
        stores = {"rq": self.old, "celery": self.new}
        monkeypatch.setattr("migrator.shadow.driver_pool.open_driver", lambda system, *_: stores[system])
        (folder / "m.toml").write_text(FILE.format(more=more))
        self.shadow = Dispatcher.open(folder / "m.toml")

    def copies(self) -> list[Line]:
        """What was recorded of the candidate, once everything that was offered is sent."""
        self.shadow.close()
        return [line for line in FolderInlet(self.folder / ".migrator" / "m.spool").read().lines if line.arm == "new"]

    def reasons(self) -> list[str | None]:
        return [line.reason for line in self.copies() if line.kind == "suppressed"]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(more: str = "") -> Stage:
        made.append(Stage(tmp_path, monkeypatch, more))
        return made[-1]

    yield make
    for stage in made:
        stage.new.open.set()
        stage.shadow.close()


def ended(**more: Any) -> JobHistory:
    attempts = (Attempt(number=1, native_id="n", started_ns=0, ended_ns=5_000_000, result="completed"),)
    fields: dict[str, Any] = {"job_key": "k", "unit_key": "7", "job_name": "mail", "arm": "old", "role": "current", "config_epoch": 1}
    fields |= {"outcome": "completed", "reason": "split: bucket 1", "attempts": attempts, **more}
    return JobHistory(**fields)


def test_the_current_arm_has_the_job_and_the_candidate_a_copy_of_another_name(make: Callable[..., Stage]) -> None:
    stage = make()
    ticket = stage.shadow.send("bill", {"n": 1, "items": [1]})
    lines = stage.copies()
    assert [job.payload["items"] for job in stage.old.jobs] == [[1]]
    (copied,) = stage.new.jobs
    copy = decoded(copied.payload)
    assert (copied.job_key, copy.level, copy.job, copy.payload) == (ticket.key, "full", "bill", {"n": 1, "items": [1]})
    assert [(line.kind, line.role) for line in lines] == [("assigned", "shadow"), ("enqueue_ok", "shadow")]


def test_what_the_application_changes_later_is_not_in_the_copy(make: Callable[..., Stage]) -> None:
    stage = make()
    stage.new.open.clear()
    items = [1]
    for n in range(2):  # the first keeps the lane busy, the second waits
        stage.shadow.send("bill", {"n": n, "items": items})
    items.append(2)
    stage.new.open.set()
    stage.copies()
    assert [decoded(job.payload).payload["items"] for job in stage.new.jobs] == [[1], [1]]


def test_a_job_that_the_current_arm_does_not_take_has_no_copy(make: Callable[..., Stage]) -> None:
    stage = make()
    stage.old.error = StoreDown("refused")
    with pytest.raises(StoreDown):
        stage.shadow.send("bill", {"n": 1})
    assert stage.copies() == []


def test_a_candidate_that_is_down_is_its_own_affair(make: Callable[..., Stage]) -> None:
    stage = make()
    stage.new.error = StoreDown("refused")
    stage.shadow.send("bill", {"n": 1})
    assert [line.kind for line in stage.copies()] == ["assigned", "enqueue_failed"]


def test_a_candidate_that_hangs_holds_up_nobody_and_what_does_not_fit_is_counted(make: Callable[..., Stage]) -> None:
    stage = make()
    stage.new.open.clear()
    for n in range(8):
        stage.shadow.send("bill", {"n": n})
    assert len(stage.old.jobs) == 8
    stage.new.open.set()
    reasons = stage.reasons()
    assert set(reasons) == {"2 copies were waiting already"}
    assert len(reasons) + len(stage.new.jobs) == 8
    assert len(reasons) >= 5, "one on its way and two that wait"


def test_what_took_no_part_has_no_copy(make: Callable[..., Stage]) -> None:
    stage = make()
    stage.shadow.send("bill", {"n": 1}, tenant="acme")
    assert stage.copies() == []


def test_a_candidate_that_is_switched_off_gets_none(make: Callable[..., Stage]) -> None:
    stage = make()
    change(stage.folder / "m.toml", kill(("new",), ()), "")
    until = time.monotonic() + 60
    while "new" not in stage.shadow.decider.state.arms:
        assert time.monotonic() < until
        time.sleep(0.02)
    stage.shadow.send("bill", {"n": 1})
    assert stage.reasons() == ["switched off"]


def test_the_same_units_are_copied_however_often_one_asks(make: Callable[..., Stage]) -> None:
    stage = make("max_share = 0.5\nper_second = 1000\n")
    way = stage.shadow.way
    assert isinstance(way, MirrorWay)
    for n in range(40):
        way.replay(ended(job_key=f"a{n}", unit_key=str(n)))
        time.sleep(0.002)
        way.replay(ended(job_key=f"b{n}", unit_key=str(n)))
        time.sleep(0.002)
    lines = stage.copies()
    kept = {line.job_key for line in lines if line.kind == "suppressed" and (line.reason or "").startswith("not among")}
    assert {key[1:] for key in kept if key[0] == "a"} == {key[1:] for key in kept if key[0] == "b"}
    assert 20 <= len(kept) <= 60


@pytest.mark.parametrize(
    ("history", "reasons"),
    [
        (ended(), []),
        (ended(outcome="cancelled"), ["the job was cancelled"]),
        (ended(attempts=()), ["not all of its attempts were seen"]),
        (ended(job_name="bill"), []),
        (ended(role="fallback"), []),
        (ended(reason="excluded: tenant acme"), []),
    ],
)
def test_what_is_replayed(make: Callable[..., Stage], history: JobHistory, reasons: list[str]) -> None:
    stage = make()
    way = stage.shadow.way
    assert isinstance(way, MirrorWay)
    way.replay(history)
    assert stage.reasons() == reasons
    assert [decoded(job.payload).level for job in stage.new.jobs] == (["replay"] if history == ended() else [])


def test_what_a_copy_starts_is_the_current_arms(make: Callable[..., Stage]) -> None:
    stage = make()
    assert stage.shadow.send("mail", {"n": 1}, parent="new").arm == "old"


def test_a_job_that_came_into_the_file_later_is_the_current_arms_alone(make: Callable[..., Stage]) -> None:
    stage = make('level = "dry_run"\n')
    file = stage.folder / "m.toml"
    file.write_text(
        file.read_text().replace('name = "bill"', 'name = "bill"\n[[job]]\nname = "new"').replace("a.bill", 'a.bill", new = "a.new')
    )
    until = time.monotonic() + 60
    while len(stage.shadow.router.loaded.jobs) < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    stage.shadow.send("new", {"n": 1})
    assert len(stage.old.jobs) == 1
    assert stage.copies() == []


def test_once_the_current_arm_has_the_job_nothing_is_its_callers_affair(
    make: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_more_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    stage = make()
    monkeypatch.setattr(threading.Thread, "start", no_more_threads)
    stage.shadow.send("bill", {"n": 1})
    assert len(stage.old.jobs) == 1
    assert "is not copied" in caplog.text


def test_what_is_too_much_is_not_even_copied(make: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Watched(dict[str, object]):
        def __deepcopy__(self, memo: object) -> dict[str, object]:
            asked.append(memo)
            return dict(self)

    monkeypatch.setattr("migrator.shadow.modes.copy_lane.BYTES", 1_000)
    stage = make()
    stage.shadow.send("bill", {"n": 1, "x": Watched(y="." * 2_000)})
    assert stage.reasons() == ["0 bytes of copies were waiting already"]
    assert asked == []


def test_a_copy_that_cannot_even_be_recorded_does_not_end_the_lane(make: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make()
    ticket = stage.shadow.ticket
    calls: list[object] = []

    def broken_once(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise RuntimeError("whatever")
        return ticket(*args)

    monkeypatch.setattr(stage.shadow, "ticket", broken_once)
    for n in range(2):
        stage.shadow.send("bill", {"n": n})
        until = time.monotonic() + 60
        while len(calls) <= n:
            assert time.monotonic() < until
            time.sleep(0.02)
    stage.copies()
    assert [decoded(job.payload).payload["n"] for job in stage.new.jobs] == [1]
