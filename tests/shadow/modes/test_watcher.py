"""Jobs are settled when they are due, and none is dropped by what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from migrator.shadow.modes.claims import ClaimsDown
from migrator.shadow.modes.journal import Journal
from migrator.shadow.modes.pending import Pending
from migrator.shadow.modes.watcher import Watcher


class Stage:
    def __init__(self, folder: Path) -> None:
        self.now = 100.0
        self.asked: list[list[str]] = []
        self.failure: Exception | None = None
        self.journal = Journal(folder, alarm=print)
        self.watcher = Watcher(self.journal, self._settle, clock=lambda: self.now)

    def _settle(self, due: Sequence[Pending]) -> None:
        self.asked.append([pending.key for pending in due])
        for number, pending in enumerate(due):
            if self.failure is not None and number:
                raise self.failure
            self.watcher.forget(pending.key)

    def put(self, key: str, due: float) -> Pending:
        pending = Pending(key=key, job="mail", unit="u", arm="new", holder="new:1", payload={}, due=due)
        self.watcher.put(pending)
        return pending


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_job_is_looked_at_when_it_is_due(stage: Stage) -> None:
    stage.put("later", 110.0)
    stage.put("now", 99.0)
    assert stage.watcher.step()
    assert not stage.watcher.step()
    stage.now = 110.0
    assert stage.watcher.step()
    assert stage.asked == [["now"], ["later"]]
    assert stage.watcher.waiting() == 0


def test_a_job_that_is_due_later_after_all_is_looked_at_once(stage: Stage) -> None:
    first = stage.put("k", 99.0)
    stage.watcher.put(msgspec.structs.replace(first, due=105.0))
    assert not stage.watcher.step()
    stage.now = 106.0
    assert stage.watcher.step()
    assert stage.asked == [["k"]]


@pytest.mark.parametrize("failure", [ClaimsDown("no answer"), RuntimeError("anything")])
def test_what_was_not_settled_is_due_again(stage: Stage, failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    for key in ("a", "b", "c"):
        stage.put(key, 99.0)
    stage.failure = failure
    assert stage.watcher.step()
    assert stage.watcher.waiting() == 2, "one of them was settled before that"
    stage.failure = None
    assert not stage.watcher.step(), "not at once"
    stage.now += 2.0
    assert stage.watcher.step()
    assert stage.watcher.waiting() == 0
    assert stage.asked == [["a", "b", "c"], ["b", "c"]]
    assert caplog.text.count("pending jobs wait") == 1


def test_what_others_left_behind_is_watched(stage: Stage, tmp_path: Path) -> None:
    gone = Journal(tmp_path, alarm=print)
    gone.put(stage.put("mine", 200.0))
    gone.close()
    stage.watcher.forget("mine")
    stage.watcher.adopt()
    stage.now = 201.0
    assert stage.watcher.step()
    assert stage.asked == [["mine"]]
    stage.journal.over("mine")
    stage.journal.close()


def test_what_cannot_be_adopted_does_not_end_the_watcher(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> list[Pending]:
        raise RuntimeError("whatever")

    monkeypatch.setattr(stage.journal, "adopt", broken)
    stage.watcher.adopt()
    assert "cannot be looked at: whatever" in caplog.text
